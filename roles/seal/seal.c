/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/seal/seal.h"

#include <string.h>

#include <nettle/cbc.h>
#include <nettle/gcm.h>
#include <nettle/nist-keywrap.h>

#include "gsakmp/suite.h"

#define BLOCK      AES_BLOCK_SIZE
#define WRAP_EXTRA 8
/* Header, recipient, algorithms: more than all of them take. */
#define FORM 512

/* RFC 3394 2.2.3.1 */
static const uint8_t wrap_iv[8] = {0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6};

/* By what the wrap of that type is: registry names begin with the cipher. */
static bool is_aes(uint16_t type)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);

    return wrap && strncmp(wrap->name, "AES", 3) == 0;
}

bool seal_key_fits(const struct seal_key *key, struct gk_reason *why)
{
    const struct gk_wrap *wrap = gk_wrap_find(key->type);

    return (is_aes(key->type) && (key->octets.size == 16 || key->octets.size == 32)) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "seal-key-type",
                     "key %08lx is for %s, with %zu octets; AES key wrap takes an AES key of 128 "
                     "or 256 bits",
                     (unsigned long)key->id, wrap ? wrap->name : "another algorithm",
                     key->octets.size);
}

/* --- AES in both sizes -------------------------------------------------------------------- */

union aes {
    struct aes128_ctx small;
    struct aes256_ctx large;
};

static void wrap_key(struct gk_octets kek, struct gk_octets key, uint8_t *to)
{
    union aes aes;

    if (kek.size == 16) {
        aes128_set_encrypt_key(&aes.small, kek.data);
        aes128_keywrap(&aes.small, wrap_iv, key.size + WRAP_EXTRA, to, key.data);
    } else {
        aes256_set_encrypt_key(&aes.large, kek.data);
        aes256_keywrap(&aes.large, wrap_iv, key.size + WRAP_EXTRA, to, key.data);
    }
    gk_wipe(&aes, sizeof aes);
}

static bool unwrap_key(struct gk_octets kek, struct gk_octets wrapped, struct gk_secret *key)
{
    union aes aes;
    int good;

    if (kek.size == 16) {
        aes128_set_decrypt_key(&aes.small, kek.data);
        good = aes128_keyunwrap(&aes.small, wrap_iv, key->size, key->data, wrapped.data);
    } else {
        aes256_set_decrypt_key(&aes.large, kek.data);
        good = aes256_keyunwrap(&aes.large, wrap_iv, key->size, key->data, wrapped.data);
    }
    gk_wipe(&aes, sizeof aes);
    return good == 1;
}

static void gcm(struct gk_octets key, struct gk_octets iv, bool seal, struct gk_octets from,
                uint8_t *to, uint8_t tag[GCM_DIGEST_SIZE])
{
    union {
        struct gcm_aes128_ctx small;
        struct gcm_aes256_ctx large;
    } context;

    if (key.size == 16) {
        gcm_aes128_set_key(&context.small, key.data);
        gcm_aes128_set_iv(&context.small, iv.size, iv.data);
        (seal ? gcm_aes128_encrypt : gcm_aes128_decrypt)(&context.small, from.size, to, from.data);
        gcm_aes128_digest(&context.small, GCM_DIGEST_SIZE, tag);
    } else {
        gcm_aes256_set_key(&context.large, key.data);
        gcm_aes256_set_iv(&context.large, iv.size, iv.data);
        (seal ? gcm_aes256_encrypt : gcm_aes256_decrypt)(&context.large, from.size, to, from.data);
        gcm_aes256_digest(&context.large, GCM_DIGEST_SIZE, tag);
    }
    gk_wipe(&context, sizeof context);
}

static void cbc(struct gk_octets key, struct gk_octets iv, bool seal, struct gk_octets from,
                uint8_t *to)
{
    uint8_t chain[BLOCK];
    union aes aes;
    bool small = key.size == 16;
    nettle_cipher_func *cipher =
        seal
            ? (small ? (nettle_cipher_func *)aes128_encrypt : (nettle_cipher_func *)aes256_encrypt)
            : (small ? (nettle_cipher_func *)aes128_decrypt : (nettle_cipher_func *)aes256_decrypt);

    memcpy(chain, iv.data, BLOCK);
    if (small)
        (seal ? aes128_set_encrypt_key : aes128_set_decrypt_key)(&aes.small, key.data);
    else
        (seal ? aes256_set_encrypt_key : aes256_set_decrypt_key)(&aes.large, key.data);
    (seal ? cbc_encrypt : cbc_decrypt)(&aes, cipher, BLOCK, chain, from.size, to, from.data);
    gk_wipe(&aes, sizeof aes);
}

/* --- sealing ------------------------------------------------------------------------------ */

/* RFC 5652 6.3: as many octets as their value says, one at least. */
static struct gk_secret pad(struct gk_octets plain)
{
    size_t more = BLOCK - plain.size % BLOCK;
    struct gk_secret padded = gk_secret_new(plain.size + more);

    if (plain.size)
        memcpy(padded.data, plain.data, plain.size);
    memset(padded.data + plain.size, (int)more, more);
    return padded;
}

bool seal_make(const struct seal_key *key, bool as_cbc, const struct gk_random *random,
               struct gk_octets plain, struct gk_writer *to, struct gk_reason *why)
{
    struct envelope envelope = {.authenticated = !as_cbc, .recipient_count = 1};
    uint8_t iv[BLOCK];
    uint8_t tag[GCM_DIGEST_SIZE];
    uint8_t wrapped[32 + WRAP_EXTRA];
    struct gk_secret content_key;
    struct gk_secret padded;
    struct gk_secret sealed;

    if (!seal_key_fits(key, why))
        return false;
    if (plain.size > ENVELOPE_MAX - FORM)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "envelope-size",
                         "%zu octets; at most %zu can be sealed", plain.size, ENVELOPE_MAX - FORM);
    content_key = gk_random_secret(random, key->octets.size);
    padded = as_cbc ? pad(plain) : gk_secret_copy(plain);
    sealed = gk_secret_new(padded.size);
    envelope.iv = gk_octets(iv, as_cbc ? BLOCK : GCM_IV_SIZE);
    gk_random_fill(random, iv, sizeof iv);
    if (as_cbc)
        cbc(gk_secret_octets(&content_key), envelope.iv, true, gk_secret_octets(&padded),
            sealed.data);
    else
        gcm(gk_secret_octets(&content_key), envelope.iv, true, gk_secret_octets(&padded),
            sealed.data, tag);
    wrap_key(key->octets, gk_secret_octets(&content_key), wrapped);
    envelope.recipient[0] = (struct envelope_recipient){
        key->id, key->handle, key->octets.size, gk_octets(wrapped, content_key.size + WRAP_EXTRA)};
    envelope.key_size = content_key.size;
    envelope.content = gk_secret_octets(&sealed);
    envelope.tag = gk_octets(tag, as_cbc ? 0 : sizeof tag);
    envelope_write(&envelope, to);
    gk_secret_free(&content_key);
    gk_secret_free(&padded);
    gk_secret_free(&sealed);
    return true;
}

/* --- opening ------------------------------------------------------------------------------ */

/* The size without its padding; SIZE_MAX when that is none. Every octet of the last block is
 * looked at, whatever it is. */
static size_t unpad(const struct gk_secret *padded)
{
    size_t more = padded->data[padded->size - 1];
    unsigned bad = more == 0 || more > BLOCK;

    for (size_t i = 1; i <= BLOCK; i++)
        bad |= i <= more && padded->data[padded->size - i] != more;
    return bad ? SIZE_MAX : padded->size - more;
}

static bool open_content(const struct envelope *envelope, struct gk_octets content_key,
                         struct gk_secret *plain)
{
    uint8_t tag[GCM_DIGEST_SIZE];
    size_t size;

    *plain = gk_secret_new(envelope->content.size);
    if (envelope->authenticated) {
        gcm(content_key, envelope->iv, false, envelope->content, plain->data, tag);
        return gk_octets_equal(gk_octets(tag, sizeof tag), envelope->tag);
    }
    cbc(content_key, envelope->iv, false, envelope->content, plain->data);
    size = unpad(plain);
    if (size == SIZE_MAX)
        return false;
    gk_wipe(plain->data + size, plain->size - size);
    plain->size = size;
    return true;
}

bool seal_open(const struct envelope *envelope, const struct envelope_recipient *recipient,
               const struct seal_key *key, struct gk_secret *plain, struct gk_reason *why)
{
    struct gk_secret content_key;
    bool good;

    *plain = (struct gk_secret){0};
    if (!seal_key_fits(key, why))
        return false;
    content_key = gk_secret_new(envelope->key_size);
    good = recipient->kek_size == key->octets.size &&
           recipient->wrapped.size == content_key.size + WRAP_EXTRA &&
           unwrap_key(key->octets, recipient->wrapped, &content_key) &&
           open_content(envelope, gk_secret_octets(&content_key), plain);
    gk_secret_free(&content_key);
    if (good)
        return true;
    gk_secret_free(plain);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "seal-open",
                     "key %08lx %08lx does not open it, or it was changed", (unsigned long)key->id,
                     (unsigned long)key->handle);
}
