/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever comes as a sealed file: it is refused, or its parts lie within it, and each recipient
 * is tried with a key. A single recipient's envelope is what the writer makes of its parts.
 */
#include <stdlib.h>

#include "roles/seal/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static bool inside(struct gk_octets part, const uint8_t *data, size_t size)
{
    return !part.size || (part.data >= data && part.data + part.size <= data + size);
}

static void try_open(const struct envelope *envelope, const struct envelope_recipient *recipient)
{
    static const uint8_t octets[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                       11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                       22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    struct seal_key key = {recipient->id, recipient->handle, 49154,
                           gk_octets(octets, recipient->kek_size)};
    struct gk_secret plain;

    if (seal_open(envelope, recipient, &key, &plain, NULL))
        must(plain.size <= envelope->content.size);
    else
        must(!plain.data);
    gk_secret_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct envelope envelope;
    struct gk_writer again = {0};
    struct gk_reason why = {0};
    struct envelope second;

    if (!envelope_read(gk_octets(data, size), &envelope, &why)) {
        must(why.code && why.text[0]);
        return 0;
    }
    must(envelope.recipient_count && envelope.recipient_count <= ENVELOPE_RECIPIENTS);
    must(inside(envelope.iv, data, size) && inside(envelope.content, data, size) &&
         inside(envelope.tag, data, size));
    for (size_t i = 0; i < envelope.recipient_count; i++) {
        must(inside(envelope.recipient[i].wrapped, data, size));
        try_open(&envelope, &envelope.recipient[i]);
    }
    envelope_write(&envelope, &again);
    must(envelope_read(gk_writer_octets(&again), &second, NULL));
    must(second.recipient[0].id == envelope.recipient[0].id &&
         gk_octets_equal(second.content, envelope.content));
    gk_writer_free(&again);
    return 0;
}
