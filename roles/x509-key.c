/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys measured before any arithmetic (profile 4.10, 11.14). */
#include "roles/x509.h"

#include "token/tlv.h"

#define OID_RSA     "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_RSA_PSS "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_DSA     "\x2a\x86\x48\xce\x38\x04\x01"
#define OID_EC      "\x2a\x86\x48\xce\x3d\x02\x01"
#define OID_P256    "\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define OID_P384    "\x2b\x81\x04\x00\x22"
#define OID_ED25519 "\x2b\x65\x70"
#define OID_ED448   "\x2b\x65\x71"

static bool refuse(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "key-size",
                     "the certificate's public key is outside the limits: %s", what);
}

/* Bits of the next INTEGER; 0 when there is none or it is not positive. */
static size_t integer_bits(struct gk_reader *from)
{
    struct der_tlv item;
    struct gk_octets value;
    size_t bits;

    if (!tlv_take(from, DER_INTEGER, &item))
        return 0;
    value = item.value;
    if (!value.size || value.data[0] & 0x80)
        return 0;
    while (value.size && !value.data[0])
        value = gk_octets(value.data + 1, value.size - 1);
    if (!value.size)
        return 0;
    bits = value.size * 8;
    for (unsigned top = value.data[0]; !(top & 0x80); top <<= 1)
        bits--;
    return bits;
}

static bool measure_rsa(struct gk_octets key, struct gk_reason *why)
{
    struct gk_reader outer = gk_reader(key);
    struct gk_reader pair = tlv_enter(&outer, DER_SEQUENCE);
    size_t modulus = integer_bits(&pair);
    size_t exponent = integer_bits(&pair);

    if (!gk_reader_done(&pair) || !gk_reader_done(&outer))
        return refuse(why, "malformed RSA key");
    if (modulus < 2048 || modulus > 8192)
        return refuse(why, "RSA of 2048 to 8192 bits is allowed");
    if (exponent < 2 || exponent > 64)
        return refuse(why, "RSA exponents of 2 to 64 bits are allowed");
    return true;
}

static bool measure_dsa(struct gk_reader parameters, struct gk_octets key, struct gk_reason *why)
{
    struct gk_reader inner = tlv_enter(&parameters, DER_SEQUENCE);
    struct gk_reader outer = gk_reader(key);
    size_t p = integer_bits(&inner);
    size_t q = integer_bits(&inner);
    size_t g = integer_bits(&inner);
    size_t y = integer_bits(&outer);

    if (!gk_reader_done(&inner) || !gk_reader_done(&outer) || !g || !y)
        return refuse(why, "malformed or inherited DSA parameters");
    if (p < 1024 || p > 3072 || q < 160 || q > 256 || g > p || y > p)
        return refuse(why, "DSA with p of 1024 to 3072 and q of 160 to 256 bits is allowed");
    return true;
}

static bool measure_ec(struct gk_reader parameters, struct gk_octets key, struct gk_reason *why)
{
    struct der_tlv curve;
    size_t size = 0;

    if (tlv_take(&parameters, DER_OID, &curve) && gk_reader_done(&parameters)) {
        if (TLV_OID_IS(curve.value, OID_P256))
            size = 65;
        else if (TLV_OID_IS(curve.value, OID_P384))
            size = 97;
    }
    if (!size)
        return refuse(why, "only the named curves P-256 and P-384 are allowed");
    if (key.size != size || key.data[0] != 4)
        return refuse(why, "an uncompressed point of the curve is expected");
    return true;
}

bool x509_measure_key(struct gk_octets spki, struct gk_reason *why)
{
    struct gk_reader outer = gk_reader(spki);
    struct gk_reader inner = tlv_enter(&outer, DER_SEQUENCE);
    struct gk_reader algorithm = tlv_enter(&inner, DER_SEQUENCE);
    struct der_tlv oid;
    struct der_tlv bits;
    struct gk_octets key;

    (void)tlv_take(&algorithm, DER_OID, &oid);
    if (!tlv_take(&inner, DER_BIT_STRING, &bits) || !gk_reader_ok(&algorithm) ||
        !gk_reader_done(&inner) || !gk_reader_done(&outer) || bits.value.size < 2)
        return refuse(why, "malformed key");
    key = gk_octets(bits.value.data + 1, bits.value.size - 1);
    if (TLV_OID_IS(oid.value, OID_RSA) || TLV_OID_IS(oid.value, OID_RSA_PSS))
        return measure_rsa(key, why);
    if (TLV_OID_IS(oid.value, OID_DSA))
        return measure_dsa(algorithm, key, why);
    if (TLV_OID_IS(oid.value, OID_EC))
        return measure_ec(algorithm, key, why);
    if (TLV_OID_IS(oid.value, OID_ED25519))
        return key.size == 32 || refuse(why, "an Ed25519 key has 32 octets");
    if (TLV_OID_IS(oid.value, OID_ED448))
        return key.size == 57 || refuse(why, "an Ed448 key has 57 octets");
    return refuse(why, "RSA, DSA, ECDSA and EdDSA keys are known");
}
