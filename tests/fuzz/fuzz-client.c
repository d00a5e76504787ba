/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever an agent says, a line at a time: the library takes it or ends the client, and then no
 * key is left; a key that it gives has been in the line.
 */
#include <stdlib.h>
#include <string.h>

#include "gsakmp/octets.h"
#include "roles/client/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void judge(struct gsakmp_client *client, int result)
{
    static const struct client_key none;

    must(result == GSAKMP_OK || client->error == result);
    must(!client->error || !client->key_count);
    must(client->key_count <= CLIENT_KEYS && client->event_count <= CLIENT_EVENTS);
    for (size_t i = 0; i < client->key_count; i++)
        must(client->key[i].key.size && client->key[i].key.size <= GSAKMP_KEY_MAX &&
             client->state >= 0);
    for (size_t i = client->key_count; i < CLIENT_KEYS; i++)
        must(memcmp(&client->key[i], &none, sizeof none) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gsakmp_client *client = gk_alloc(1, sizeof *client);

    client->fd = -1;
    while (size && !client->error) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t length = end ? (size_t)(end - data) : size;
        char *line = gk_alloc(length, 1); /* of its own: beyond it is nobody's */
        int result;

        memcpy(line, data, length);
        result = client_line(client, line, length);
        if (result != GSAKMP_OK)
            result = client_end(client, result, client->text);
        judge(client, result);
        free(line);
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
    json_decref(client->policy);
    free(client);
    return 0;
}
