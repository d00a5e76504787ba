/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.4 as sent: all behind the generic header is encrypted (profile 8.1). What it
 * holds once opened is in key-download.c. */
#include "gsakmp/payload.h"

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    if (message->has_key_download)
        return gk_payload_repeated("Key Download Packet", gk_reader_offset(body), why);
    message->key_download = gk_read_rest(body);
    message->has_key_download = true;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->has_key_download;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    (void)index;
    gk_write_octets(to, message->key_download);
}

const struct gk_payload_kind gk_payload_key_download = {false, parse, count, write};
