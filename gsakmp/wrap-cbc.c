/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-CBC-128 (RFC 4535 table 16, profile 8.2): IV | CBC(plaintext | 1, 2, 3, ... | pad length),
 * the pad length counting the octets before it. It has no tag: what opens may still be rubbish.
 */
#include "gsakmp/suite-rows.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/cbc.h>

#define BLOCK 16

void gk_cbc_seal(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets iv,
                 struct gk_octets aad, struct gk_octets plain, struct gk_writer *to)
{
    size_t pad = BLOCK - 1 - plain.size % BLOCK;
    size_t size = plain.size + pad + 1;
    struct aes128_ctx context;
    uint8_t chain[BLOCK];
    size_t start;
    uint8_t *at;

    (void)aad;
    if (key.size != wrap->key_size || iv.size != BLOCK)
        abort();
    gk_write_octets(to, iv);
    start = gk_write_reserve(to, size); /* may move to->data */
    at = to->data + start;
    if (plain.size)
        memcpy(at, plain.data, plain.size);
    for (size_t i = 0; i < pad; i++)
        at[plain.size + i] = (uint8_t)(i + 1);
    at[size - 1] = (uint8_t)pad;
    memcpy(chain, iv.data, BLOCK);
    aes128_set_encrypt_key(&context, key.data);
    cbc_encrypt(&context, (nettle_cipher_func *)aes128_encrypt, BLOCK, chain, size, at, at);
    gk_wipe(&context, sizeof context);
}

bool gk_cbc_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                 struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why)
{
    struct aes128_ctx context;
    struct gk_secret text;
    uint8_t chain[BLOCK];
    size_t pad;

    (void)aad;
    *plain = (struct gk_secret){NULL, 0};
    if (!gk_wrap_sizes(wrap, key, sealed, 2 * BLOCK, why))
        return false;
    if (sealed.size % BLOCK)
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "wrap-size",
                         "%zu encrypted octets are no multiple of the %d of a block", sealed.size,
                         BLOCK);
    text = gk_secret_new(sealed.size - BLOCK);
    memcpy(chain, sealed.data, BLOCK);
    aes128_set_decrypt_key(&context, key.data);
    cbc_decrypt(&context, (nettle_cipher_func *)aes128_decrypt, BLOCK, chain, text.size, text.data,
                sealed.data + BLOCK);
    gk_wipe(&context, sizeof context);
    pad = text.data[text.size - 1];
    if (pad > text.size - 1) {
        gk_secret_free(&text);
        return gk_refuse(why, GK_INVALID_KEY_INFORMATION, GK_NO_OFFSET, "wrap-open",
                         "the %s padding is longer than the text: the octets were changed, or "
                         "another key was used",
                         wrap->name);
    }
    gk_wipe(text.data + text.size - pad - 1, pad + 1);
    text.size -= pad + 1;
    *plain = text;
    return true;
}
