/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-GCM and ChaCha20-Poly1305 (profile 8.3): IV | ciphertext | tag. nettle's own functions
 * rather than GnuTLS's handles: with a new key for each wrap, as a key tree needs, they cost a
 * tenth to a quarter less and allocate nothing.
 */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>
#include <nettle/nettle-meta.h>

#define IV_SIZE  12
#define TAG_SIZE 16

union context {
    struct gcm_aes128_ctx aes128;
    struct gcm_aes256_ctx aes256;
    struct chacha_poly1305_ctx chacha;
};

static const struct nettle_aead *cipher_of(const struct gk_wrap *wrap)
{
    switch (wrap->type) {
    case 49153:
        return &nettle_gcm_aes128;
    case 49154:
        return &nettle_gcm_aes256;
    case 49155:
        return &nettle_chacha_poly1305;
    default:
        abort();
    }
}

static void begin(const struct nettle_aead *cipher, union context *context, struct gk_octets key,
                  const uint8_t *iv, struct gk_octets aad)
{
    cipher->set_encrypt_key(context, key.data);
    cipher->set_nonce(context, iv);
    if (aad.size)
        cipher->update(context, aad.size, aad.data);
}

void gk_aead_seal(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets iv,
                  struct gk_octets aad, struct gk_octets plain, struct gk_writer *to)
{
    const struct nettle_aead *cipher = cipher_of(wrap);
    union context context;
    size_t start;
    uint8_t *at;

    if (key.size != wrap->key_size || iv.size != IV_SIZE)
        abort();
    begin(cipher, &context, key, iv.data, aad);
    gk_write_octets(to, iv);
    start = gk_write_reserve(to, plain.size + TAG_SIZE); /* may move to->data */
    at = to->data + start;
    if (plain.size)
        cipher->encrypt(&context, plain.size, at, plain.data);
    cipher->digest(&context, TAG_SIZE, at + plain.size);
    gk_wipe(&context, cipher->context_size);
}

bool gk_aead_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                  struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why)
{
    const struct nettle_aead *cipher = cipher_of(wrap);
    union context context;
    struct gk_secret text;
    uint8_t tag[TAG_SIZE];
    bool good;

    *plain = (struct gk_secret){NULL, 0};
    if (!gk_wrap_sizes(wrap, key, sealed, IV_SIZE + TAG_SIZE, why))
        return false;
    text = gk_secret_new(sealed.size - IV_SIZE - TAG_SIZE);
    begin(cipher, &context, key, sealed.data, aad);
    if (text.size)
        cipher->decrypt(&context, text.size, text.data, sealed.data + IV_SIZE);
    cipher->digest(&context, TAG_SIZE, tag);
    gk_wipe(&context, cipher->context_size);
    good = gk_octets_equal(gk_octets(tag, TAG_SIZE),
                           gk_octets(sealed.data + sealed.size - TAG_SIZE, TAG_SIZE));
    gk_wipe(tag, sizeof tag);
    if (!good) {
        gk_secret_free(&text);
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "wrap-open",
                         "the %s tag does not verify: the octets were changed, or another key or "
                         "group was used",
                         wrap->name);
    }
    *plain = text;
    return true;
}
