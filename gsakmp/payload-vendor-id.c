/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.10, profile 3.3: unfamiliar ones are ignored. */
#include "gsakmp/payload.h"

#define VENDOR_ID_LEAST 4

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    struct gk_octets id = gk_read_rest(body);

    if (id.size < VENDOR_ID_LEAST)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "vendor-id-size",
                         "a Vendor ID has at least %d octets, not %zu", VENDOR_ID_LEAST, id.size);
    if (gk_octets_equal(id, gk_octets(gk_vendor_id, sizeof gk_vendor_id)))
        message->vendor = true;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->vendor;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    (void)message;
    (void)index;
    gk_write(to, gk_vendor_id, sizeof gk_vendor_id);
}

const struct gk_payload_kind gk_payload_vendor_id = {true, parse, count, write};
