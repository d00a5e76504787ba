/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite-rows.h"

/* RFC 4535 table 21 and profile section 10; the last columns in GnuTLS's terms. A signature in
 * DER holds two integers, each of at most one octet more than the order of its group. */
static const struct gk_scheme schemes[] = {
    {.row = {.type = 0,
             .name = "DSS-SHA1",
             .run = true,
             .der = true,
             .size_most = 2 + 2 * (2 + 33),
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_DSA_SHA1,
     .key = GNUTLS_PK_DSA,
     .flags = GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1},
    {.row = {.type = 1, .name = "RSA1024-MD5", .size_most = 128}},
    {.row = {.type = 2,
             .name = "ECDSA-P384-SHA3",
             .run = true,
             .der = true,
             .size_most = 2 + 2 * (2 + 49),
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_ECDSA_SHA3_384,
     .key = GNUTLS_PK_ECDSA,
     .curve = GNUTLS_ECC_CURVE_SECP384R1},
    {.row = {.type = 49153,
             .name = "Ed25519",
             .run = true,
             .private_use = true,
             .size_most = 64,
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_EDDSA_ED25519,
     .key = GNUTLS_PK_EDDSA_ED25519},
    {.row = {.type = 49154,
             .name = "ECDSA P-256",
             .run = true,
             .private_use = true,
             .size_most = 64,
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_ECDSA_SHA256,
     .key = GNUTLS_PK_ECDSA,
     .curve = GNUTLS_ECC_CURVE_SECP256R1,
     .half = 32},
    {.row = {.type = 49155,
             .name = "ECDSA P-384",
             .run = true,
             .private_use = true,
             .size_most = 96,
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_ECDSA_SHA384,
     .key = GNUTLS_PK_ECDSA,
     .curve = GNUTLS_ECC_CURVE_SECP384R1,
     .half = 48},
    {.row = {.type = 49156,
             .name = "RSA-PSS",
             .run = true,
             .private_use = true,
             .size_most = 1024,
             .verify = gk_scheme_verify},
     .algorithm = GNUTLS_SIGN_RSA_PSS_SHA256,
     .key = GNUTLS_PK_RSA},
};

#define SCHEMES (sizeof schemes / sizeof *schemes)

const struct gk_scheme *gk_scheme_find(uint16_t type)
{
    for (size_t i = 0; i < SCHEMES; i++) {
        if (schemes[i].row.type == type)
            return &schemes[i];
    }
    return NULL;
}

/* From the end: P-384 keys take 49155 rather than the RFC's type 2. */
const struct gk_scheme *gk_scheme_for(gnutls_pubkey_t key)
{
    for (size_t i = SCHEMES; i-- > 0;) {
        if (schemes[i].algorithm && gk_key_fits(&schemes[i], key, GK_NONE, NULL))
            return &schemes[i];
    }
    return NULL;
}

static const struct gk_signature_scheme *find_extra(int64_t type)
{
    const struct gk_signature_scheme *row = gk_suite_extra ? gk_suite_extra->signatures : NULL;

    for (; row && row->name; row++) {
        if (row->type == type)
            return row;
    }
    return NULL;
}

const struct gk_signature_scheme *gk_signature_find(int64_t type)
{
    const struct gk_signature_scheme *extra = find_extra(type);
    const struct gk_scheme *scheme;

    if (extra)
        return extra;
    scheme = type >= 0 && type <= UINT16_MAX ? gk_scheme_find((uint16_t)type) : NULL;
    return scheme ? &scheme->row : NULL;
}

bool gk_signature_verify(uint16_t type, struct gk_octets spki, struct gk_octets data,
                         struct gk_octets signature, struct gk_reason *why)
{
    const struct gk_signature_scheme *row = gk_signature_find(type);

    if (!row || !row->run)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "not-run",
                         "signature %u (%s) is not run by this version", type,
                         row ? row->name : "of no table");
    if (row->verify)
        return row->verify(row, spki, data, signature, why);
    if (gk_suite_extra->verify(type, spki, data, signature))
        return true;
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signature",
                     "the %s signature does not verify", row->name);
}
