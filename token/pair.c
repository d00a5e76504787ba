/* SPDX-License-Identifier: Apache-2.0 */
#include "token/pair.h"

#include <stdio.h>

#include "gsakmp/message.h"
#include "token/name.h"

/* The first octets with colons: enough to tell CAs apart in a log. */
static void print_octets(struct gk_octets octets, char *to, size_t room)
{
    size_t at = 0;

    to[0] = '\0';
    for (size_t i = 0; i < octets.size && i < 4 && at + 4 < room; i++)
        at += (size_t)snprintf(to + at, room - at, i ? ":%02x" : "%02x", octets.data[i]);
    if (octets.size > 4)
        (void)snprintf(to + at, room - at, ":...");
}

static void print_id(const struct token_pair *pair, char *to, size_t room)
{
    struct gk_octets id = pair->id;
    struct gk_octets serial;
    struct gk_writer name = {0};
    char text[160];

    switch (pair->id_type) {
    case GK_ID_DN_STRING:
        (void)gk_escape(to, room, id);
        return;
    case GK_ID_FQDN:
        (void)snprintf(to, room, "host %s", gk_escape(text, sizeof text, id));
        return;
    case GK_ID_RFC822_ADDR:
        (void)snprintf(to, room, "mailbox %s", gk_escape(text, sizeof text, id));
        return;
    case GK_ID_DER_ASN1_DN:
        if (name_of_der(id, &name, NULL))
            (void)snprintf(to, room, "subject %s",
                           gk_escape(text, sizeof text, gk_writer_octets(&name)));
        else
            (void)snprintf(to, room, "a subject");
        gk_writer_free(&name);
        return;
    case GK_ID_U_NAME:
        if (!gk_u_name_split(id, &serial, &id))
            id = GK_NO_OCTETS;
        (void)snprintf(to, room, "serial number and %s", gk_escape(text, sizeof text, id));
        return;
    default:
        print_octets(id, text, sizeof text);
        (void)snprintf(to, room, "%s %s", pair->id_type == GK_ID_KEY_ID ? "key" : "address", text);
        return;
    }
}

const char *token_pair_print(const struct token_pair *pair, char *to, size_t room)
{
    char id[176];
    char ca[24];

    print_id(pair, id, sizeof id);
    print_octets(pair->ca, ca, sizeof ca);
    (void)snprintf(to, room, "%s under CA %s", id, ca);
    return to;
}
