/* SPDX-License-Identifier: Apache-2.0 */
/* Rekey Event Data as sent (RFC 4535 7.5.1.2); what is inside once opened is in
 * key-package.c. */
#include "gsakmp/keys.h"

bool gk_rekey_data_read(struct gk_rekey_data *data, struct gk_reader *from, struct gk_reason *why)
{
    size_t at = gk_reader_offset(from);
    uint16_t size = gk_read_u16(from);

    data->wrapping_id = gk_read_u32(from);
    data->wrapping_handle = gk_read_u32(from);
    data->sealed = gk_read_octets(from, size);
    if (!gk_reader_ok(from))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "rekey-data-cut",
                         "a Rekey Event Data ends beyond its payload");
    return true;
}
