/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/inside.h"

uint8_t run_exchange(struct gk_octets message)
{
    struct gk_reader reader = gk_reader(message);
    uint8_t version;
    uint8_t exchange;

    (void)gk_read_u8(&reader);
    (void)gk_read_octets(&reader, gk_read_u8(&reader));
    (void)gk_read_u8(&reader);
    version = gk_read_u8(&reader);
    exchange = gk_read_u8(&reader);
    return gk_reader_ok(&reader) && version == 1 ? exchange : 0;
}
