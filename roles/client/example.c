/* SPDX-License-Identifier: Apache-2.0 */
/* Follows a group: says which key is the one to send with, whenever that changes.
 *     cc example.c $(pkg-config --cflags --libs gsakmp-client) -o example
 *     ./example weather [SOCKET] */
#include <gsakmp-client.h>
#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    struct gsakmp_client *client;
    struct gsakmp_event event;
    struct gsakmp_key key;
    int result = gsakmp_client_open(&client, argc > 2 ? argv[2] : NULL, argc > 1 ? argv[1] : NULL);

    while (result >= 0 && (result = gsakmp_client_wait(client, -1)) >= 0) {
        while (gsakmp_client_next_event(client, &event) == GSAKMP_OK)
            printf("%s: %s\n", event.code, event.text);
        if ((result = gsakmp_client_send_key(client, 0, &key)) >= 0)
            printf("send with key %08" PRIx32 " %08" PRIx32 ", %s, %zu octets\n", key.id,
                   key.handle, key.name, key.size);
        gsakmp_key_wipe(&key);
        if (result == GSAKMP_E_JOINING || result == GSAKMP_E_NO_KEY)
            result = GSAKMP_AGAIN; /* it will come */
        (void)fflush(stdout);
    }
    fprintf(stderr, "%s\n", gsakmp_result_text(result));
    gsakmp_client_close(client);
    return result < 0;
}
