/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/inside.h"

static bool read_header(struct gk_reader *reader, uint8_t *version, uint8_t *exchange)
{
    (void)gk_read_u8(reader);
    (void)gk_read_octets(reader, gk_read_u8(reader));
    (void)gk_read_u8(reader);
    *version = gk_read_u8(reader);
    *exchange = gk_read_u8(reader);
    (void)gk_read_octets(reader, 8);
    return gk_reader_ok(reader);
}

/* In a later version's message the one inside counts (profile 1.6). */
uint8_t run_exchange(struct gk_octets message)
{
    struct gk_reader reader = gk_reader(message);
    uint8_t version;
    uint8_t exchange;

    if (!read_header(&reader, &version, &exchange) ||
        (version != 1 && !read_header(&reader, &version, &exchange)))
        return 0;
    return version == 1 ? exchange : 0;
}
