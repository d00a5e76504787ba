/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One payload alone, whichever the first octet says (its high bit: in a message with the
 * Vendor ID): it is refused with a reason, or it is written again as it came.
 */
#include <stdlib.h>

#include "gsakmp/payload.h"

#define VENDOR 0x80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void read_payload(const struct gk_payload_kind *kind, struct gk_message *message,
                         const char *name)
{
    struct gk_reader body = gk_reader(message->octets);
    struct gk_octets whole = message->octets;
    struct gk_reason why = {0};
    struct gk_writer to = {0};

    if (!kind->parse(message, &body, &why) || !gk_payload_whole(&body, name, &why)) {
        must(why.code && why.notification);
        must(why.offset <= whole.size || why.offset == GK_NO_OFFSET);
        return;
    }
    /* Vendor IDs of others are passed over. */
    if (kind->count(message)) {
        kind->write(message, kind->count(message) - 1, &to);
        if (message->has_signature) /* written when it has been made */
            gk_write_v(&to, message->signature.signature);
        must(gk_octets_equal(gk_writer_octets(&to), whole));
    }
    gk_writer_free(&to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_message *message;
    uint8_t type;

    if (!size)
        return 0;
    type = data[0] & (VENDOR - 1);
    if (!gk_payload_kind(type))
        return 0;
    message = gk_alloc(1, sizeof *message);
    message->octets = gk_octets(data + 1, size - 1);
    message->vendor = data[0] & VENDOR && type != GK_PAYLOAD_VENDOR_ID;
    read_payload(gk_payload_kind(type), message, gk_name_payload(type));
    free(message);
    return 0;
}
