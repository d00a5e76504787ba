/* SPDX-License-Identifier: Apache-2.0 */
/* Mechanism Choices: the data of a notification (RFC 4535 7.9.1.3, profile 6.1, 6.2). */
#include "gsakmp/payload.h"

enum mechanism { KEY_CREATION = 0, ENCRYPTION = 1, NONCE_HASH = 2 };

static bool set(bool *has, uint16_t *to, uint16_t value)
{
    if (*has)
        return false;
    *has = true;
    *to = value;
    return true;
}

static bool take(struct gk_choices *choices, uint8_t type, uint16_t value)
{
    switch (type) {
    case KEY_CREATION:
        return set(&choices->has_key_creation, &choices->key_creation, value);
    case ENCRYPTION:
        return set(&choices->has_key_wrap, &choices->key_wrap, value);
    default:
        return set(&choices->has_nonce_hash, &choices->nonce_hash, value);
    }
}

bool gk_choices_parse(struct gk_choices *choices, struct gk_octets data, size_t offset,
                      struct gk_reason *why)
{
    struct gk_reader reader = gk_reader(data);

    *choices = (struct gk_choices){0};
    if (!data.size || data.size % 3)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, offset, "choices-length",
                         "Mechanism Choices of %zu octets: they have 3 octets each, one at least",
                         data.size);
    while (gk_reader_left(&reader)) {
        size_t at = offset + gk_reader_offset(&reader);
        uint8_t type = gk_read_u8(&reader);
        uint16_t value = gk_read_u16(&reader);

        if (!gk_payload_value(GK_REGISTRY_MECHANISM, type, false, at, why))
            return false;
        if (!take(choices, type, value))
            return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "choice-repeated",
                             "there are two choices of the %s",
                             gk_registry_name(GK_REGISTRY_MECHANISM, type));
    }
    return true;
}

void gk_choices_write(const struct gk_choices *choices, struct gk_writer *to)
{
    if (choices->has_key_creation) {
        gk_write_u8(to, KEY_CREATION);
        gk_write_u16(to, choices->key_creation);
    }
    if (choices->has_key_wrap) {
        gk_write_u8(to, ENCRYPTION);
        gk_write_u16(to, choices->key_wrap);
    }
    if (choices->has_nonce_hash) {
        gk_write_u8(to, NONCE_HASH);
        gk_write_u16(to, choices->nonce_hash);
    }
}
