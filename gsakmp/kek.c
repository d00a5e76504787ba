/* SPDX-License-Identifier: Apache-2.0 */
/* Keys derived from others (profile 7.1, 7.2, 8.7, 13.1); HKDF is RFC 5869 with SHA-256. */
#include "gsakmp/suite.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/hkdf.h>
#include <nettle/hmac.h>

static void extract(struct gk_octets salt, struct gk_octets material,
                    uint8_t prk[SHA256_DIGEST_SIZE])
{
    struct hmac_sha256_ctx context;

    hmac_sha256_set_key(&context, salt.size, salt.size ? salt.data : (const uint8_t *)"");
    hkdf_extract(&context, (nettle_hash_update_func *)hmac_sha256_update,
                 (nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE, material.size,
                 material.data, prk);
    gk_wipe(&context, sizeof context);
}

static struct gk_secret expand(struct gk_octets prk, struct gk_octets info, size_t size)
{
    struct gk_secret key = gk_secret_new(size);
    struct hmac_sha256_ctx context;

    if (size > 255 * SHA256_DIGEST_SIZE)
        abort();
    hmac_sha256_set_key(&context, prk.size, prk.data);
    hkdf_expand(&context, (nettle_hash_update_func *)hmac_sha256_update,
                (nettle_hash_digest_func *)hmac_sha256_digest, SHA256_DIGEST_SIZE, info.size,
                info.data, size, key.data);
    gk_wipe(&context, sizeof context);
    return key;
}

/* HKDF-Expand(prk, label | context, size). */
static struct gk_secret expand_label(struct gk_octets prk, const char *label,
                                     struct gk_octets context, size_t size)
{
    struct gk_writer info = {0};
    struct gk_secret key;

    gk_write_octets(&info, gk_octets_of(label));
    gk_write_octets(&info, context);
    key = expand(prk, gk_writer_octets(&info), size);
    gk_writer_free(&info);
    return key;
}

void gk_kek_info(const struct gk_kek_binding *binding, struct gk_writer *to)
{
    if (binding->group_value.size > UINT8_MAX)
        abort();
    gk_write_octets(to, gk_octets_of("GSAKMP KEK 2"));
    gk_write_u8(to, binding->group_type);
    gk_write_u8(to, (uint8_t)binding->group_value.size);
    gk_write_octets(to, binding->group_value);
    gk_write_u16(to, binding->signature);
    gk_write_u16(to, binding->nonce_hash);
    gk_write_u16(to, binding->key_creation);
    gk_write_u16(to, binding->key_wrap);
    gk_write_v(to, binding->member);
    gk_write_v(to, binding->server);
    gk_write_v(to, binding->member_public);
    gk_write_v(to, binding->server_public);
}

static struct gk_secret derived_kek(const struct gk_kek_binding *binding, struct gk_octets z,
                                    size_t size)
{
    uint8_t prk[SHA256_DIGEST_SIZE];
    struct gk_writer salt = {0};
    struct gk_writer info = {0};
    struct gk_secret key;

    gk_write_octets(&salt, binding->nonce_i);
    gk_write_octets(&salt, binding->nonce_r);
    gk_kek_info(binding, &info);
    extract(gk_writer_octets(&salt), z, prk);
    key = expand(gk_octets(prk, sizeof prk), gk_writer_octets(&info), size);
    gk_wipe(prk, sizeof prk);
    gk_writer_free(&salt);
    gk_writer_free(&info);
    return key;
}

struct gk_secret gk_kek(const struct gk_creation *creation, const struct gk_wrap *wrap,
                        const struct gk_kek_binding *binding, struct gk_octets z)
{
    if (creation->private_use)
        return derived_kek(binding, z, wrap->key_size);
    /* RFC 4535 table 26: "use the first X low order bits and truncate the remainder". */
    if (z.size < wrap->key_size)
        abort();
    return gk_secret_copy(gk_octets(z.data + z.size - wrap->key_size, wrap->key_size));
}

struct gk_secret gk_token_key(const struct gk_wrap *wrap, struct gk_octets group_value,
                              struct gk_octets gtpk)
{
    if (!wrap->private_use)
        return gk_secret_copy(gtpk);
    return expand_label(gtpk, "GSAKMP token", group_value, wrap->key_size);
}

struct gk_secret gk_data_key(struct gk_octets gtpk, struct gk_octets label, size_t size)
{
    return expand_label(gtpk, "GSAKMP data", label, size);
}
