/* SPDX-License-Identifier: Apache-2.0 */
/* Key Packages: opened Rekey Event Data (RFC 4535 7.5.1.2.1, profile 9.6). */
#include "gsakmp/keys.h"
#include "gsakmp/registry.h"

bool gk_packages_begin(struct gk_packages *packages, struct gk_octets plain, struct gk_reason *why)
{
    packages->reader = gk_reader(plain);
    packages->left = gk_read_u16(&packages->reader);
    if (!gk_reader_ok(&packages->reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, 0, "packages-cut",
                         "a Rekey Event Data has no number of Key Packages");
    return true;
}

static bool at_end(const struct gk_packages *packages, struct gk_reason *why)
{
    if (gk_reader_left(&packages->reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(&packages->reader),
                         "packages-rest", "%zu octets follow the last Key Package",
                         gk_reader_left(&packages->reader));
    return true;
}

bool gk_packages_next(struct gk_packages *packages, uint8_t *kdd_type, struct gk_key_datum *datum,
                      bool *more, struct gk_reason *why)
{
    size_t at = gk_reader_offset(&packages->reader);
    struct gk_reader package;

    *more = packages->left != 0;
    if (!*more)
        return at_end(packages, why);
    packages->left--;
    *kdd_type = gk_read_u8(&packages->reader);
    package = gk_read_sub(&packages->reader, gk_read_u16(&packages->reader));
    if (!gk_reader_ok(&packages->reader))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "packages-cut",
                         "a Key Package ends beyond its Rekey Event Data");
    if (*kdd_type != GK_KDD_GTPK && *kdd_type != GK_KDD_LKH)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at, "package-type",
                         "key package type %u (%s) carries no Key Datum", *kdd_type,
                         gk_registry_name(GK_REGISTRY_KEY_DOWNLOAD_ITEM, *kdd_type));
    if (!gk_key_datum_read(datum, &package, why))
        return false;
    if (!gk_reader_done(&package))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, gk_reader_offset(&package), "package-length",
                         "the Key Package's length does not fit its Key Datum");
    return true;
}

void gk_package_write(uint8_t kdd_type, const struct gk_key_datum *datum, struct gk_writer *to)
{
    size_t at;

    gk_write_u8(to, kdd_type);
    at = gk_write_reserve(to, 2);
    gk_key_datum_write(datum, to);
    gk_write_u16_at(to, at, (uint16_t)(to->size - at - 2));
}
