/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_SUITE_H
#define GSAKMP_SUITE_H
/*
 * Suites: the algorithms behind the numbers of RFC 4535 tables 16, 21, 25, 26 and wire
 * profile section 10. One row an algorithm; a row that this build knows and does not run
 * has `run` false and says so ("not run by this version").
 *
 * All functions are pure: they hold no state, read no clock, and draw randomness only from
 * what they are given. They may be called from any thread. Sizes in octets.
 */
#include "gsakmp/random.h"
#include "gsakmp/reason.h"
#include "gsakmp/signer.h"

/* --- key wrap (table 16) ------------------------------------------------ */

/* Rows that are known but never run (profile 8.4: 3DES, AES-CTR) have NULL functions; a row
 * with functions works when they are called directly, whatever `run` says (known answers). */

struct gk_wrap {
    uint16_t type;
    const char *name; /* "AES-256-GCM" */
    bool run;
    bool private_use;
    bool untagged; /* has no tag: what opens may still be rubbish */
    size_t key_size;
    size_t iv_size;
    size_t overhead; /* the most that sealing adds, IV included */
    /* Appends IV | ciphertext (| tag) (profile 8.2, 8.3). `key` has key_size octets and `iv`
     * iv_size; anything else is a mistake of the caller and ends the program. */
    void (*seal)(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets iv,
                 struct gk_octets aad, struct gk_octets plain, struct gk_writer *to);
    /* Invalid-Key-Information when tag or padding fail. `plain` is overwritten: a fresh secret
     * when it returns true, empty when not. */
    bool (*open)(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                 struct gk_octets sealed, struct gk_secret *plain, struct gk_reason *why);
};

/* NULL when no table has that value. */
const struct gk_wrap *gk_wrap_find(int64_t type);
/* Draws the IV and seals. The key has wrap->key_size octets; a wrap that this version does not
 * run ends the program (gk_mechanism_runs comes first). The caller sees to it that a key makes
 * fewer than 2^32 wraps (profile 13.1). */
void gk_wrap_seal(const struct gk_wrap *wrap, struct gk_octets key, const struct gk_random *random,
                  struct gk_octets aad, struct gk_octets plain, struct gk_writer *to);
/* As wrap->open; a wrap that this version does not run is Invalid-Key-Information. */
bool gk_wrap_open(const struct gk_wrap *wrap, struct gk_octets key, struct gk_octets aad,
                  struct gk_octets sealed, struct gk_secret *plain,
                  struct gk_reason *why) GK_MUST_USE;
/* Contents that are refused once they were opened: without a tag that has the same code as a bad
 * padding (profile 8.5). Returns false. */
bool gk_wrap_refused(const struct gk_wrap *wrap, struct gk_reason *why);
/* AAD of profile 8.3: Group ID Value | payload type, and for Rekey Event Data also the
 * wrapping key's ID and handle. */
void gk_aad(struct gk_writer *to, struct gk_octets group_value, uint8_t payload);
void gk_aad_rekey(struct gk_writer *to, struct gk_octets group_value, uint32_t wrapping_id,
                  uint32_t wrapping_handle);

/* --- key creation (table 26) -------------------------------------------- */

struct gk_creation {
    uint16_t type;
    const char *name; /* "X25519" */
    bool run;
    bool private_use;
    size_t public_size;
    size_t shared_size;
    /* Draws a secret and computes its public value. */
    void (*generate)(const struct gk_creation *creation, const struct gk_random *random,
                     struct gk_secret *secret, struct gk_writer *public_value);
    /* Z. Payload-Malformed for a public value that is none. `z` is overwritten, empty when it
     * returns false. */
    bool (*agree)(const struct gk_creation *creation, struct gk_octets secret,
                  struct gk_octets peer_public, struct gk_secret *z, struct gk_reason *why);
    /* Behind gk_creation_public. NULL where a test's row has none. */
    bool (*derive)(const struct gk_creation *creation, struct gk_octets secret,
                   struct gk_writer *public_value, struct gk_reason *why);
};

const struct gk_creation *gk_creation_find(int64_t type);
/* Public value of a given secret (known answers, static keys). */
bool gk_creation_public(const struct gk_creation *creation, struct gk_octets secret,
                        struct gk_writer *public_value, struct gk_reason *why) GK_MUST_USE;

/* What the KEK binds (profile 7.2). The identities are ID Type octet | ID data. */
struct gk_kek_binding {
    uint8_t group_type;
    struct gk_octets group_value;
    uint16_t signature, nonce_hash, key_creation, key_wrap;
    struct gk_octets member, server;
    struct gk_octets member_public, server_public;
    struct gk_octets nonce_i, nonce_r; /* both empty with timestamps */
};

/* The HKDF info of profile 7.2 (public octets; for known answers). */
void gk_kek_info(const struct gk_kek_binding *binding, struct gk_writer *to);
/* The KEK of a registration from Z (profile 7.1 for MODP, 7.2 for private types). */
struct gk_secret gk_kek(const struct gk_creation *creation, const struct gk_wrap *wrap,
                        const struct gk_kek_binding *binding, struct gk_octets z);
/* The key that encrypts a token in a Rekey Event (profile 8.6, 8.7): the GTPK itself, or
 * derived from it where its type is a private one. */
struct gk_secret gk_token_key(const struct gk_wrap *wrap, struct gk_octets group_value,
                              struct gk_octets gtpk);
/* For consumers who need no raw key (profile 13.1); at most 8160 octets. */
struct gk_secret gk_data_key(struct gk_octets gtpk, struct gk_octets label, size_t size);

/* --- nonces (table 25) --------------------------------------------------- */

struct gk_nonce_hash {
    uint16_t type;
    const char *name; /* "SHA-256" */
    bool run;
    bool private_use;
    size_t size;
};

const struct gk_nonce_hash *gk_nonce_hash_find(int64_t type);
/* Nonce_C (profile 5.2); `server` = ID Type octet | ID data. */
void gk_nonce_combine(const struct gk_nonce_hash *hash, struct gk_octets nonce_i,
                      struct gk_octets nonce_r, struct gk_octets server, struct gk_writer *to);

/* --- signatures (table 21) ------------------------------------------------ */

struct gk_signature_scheme {
    uint16_t type;
    const char *name; /* "Ed25519" */
    bool run;
    bool private_use;
    bool der; /* the length varies (profile 4.2) */
    size_t size_most;
    /* Behind gk_signature_verify, whatever `run` says. NULL for type 1, which nobody verifies
     * (profile 8.4), and where a test's row has gk_suite_extra->verify. */
    bool (*verify)(const struct gk_signature_scheme *scheme, struct gk_octets spki,
                   struct gk_octets data, struct gk_octets signature, struct gk_reason *why);
};

const struct gk_signature_scheme *gk_signature_find(int64_t type);
/* Verifies with the key of a DER SubjectPublicKeyInfo. A type that this version does not run, a
 * key that does not fit the type or exceeds profile 4.10, a signature of another form, or one
 * that does not verify: Authentication-Failed. */
bool gk_signature_verify(uint16_t type, struct gk_octets spki, struct gk_octets data,
                         struct gk_octets signature, struct gk_reason *why) GK_MUST_USE;

/* Does the type take keys of that kind, curve and size? */
bool gk_signature_takes(uint16_t type, struct gk_octets spki, struct gk_reason *why) GK_MUST_USE;

/* A signer over a PEM or DER private key (PKCS #8 and what else GnuTLS reads; `password` NULL
 * when it is not encrypted). `type` -1 takes the scheme that fits the key: Ed25519 49153, ECDSA
 * P-256 49154, P-384 49155, DSA 0, RSA 49156. Schemes that are not run sign too; whether a group
 * may use them is for gk_mechanism_runs to say. The key is never logged. */
bool gk_signer_open(struct gk_signer *signer, struct gk_octets key, int32_t type,
                    const char *password, struct gk_reason *why) GK_MUST_USE;
/* A signer over a GnuTLS key that is at hand, as one in a PKCS #11 token; the key is the signer's
 * from then on, also when it is refused. */
struct gnutls_privkey_st;
bool gk_signer_adopt(struct gk_signer *signer, struct gnutls_privkey_st *key, int32_t type,
                     struct gk_reason *why) GK_MUST_USE;
/* A signer over an Ed25519 seed of 32 octets (known answers). */
bool gk_signer_open_seed(struct gk_signer *signer, struct gk_octets seed,
                         struct gk_reason *why) GK_MUST_USE;
/* Documents (CMS) take other hashes and paddings than messages: signs with another algorithm
 * of the signer's key, a gnutls_sign_algorithm_t, and appends the value as X.509 has it. */
bool gk_signer_sign_as(const struct gk_signer *signer, int algorithm, struct gk_octets data,
                       struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;
void gk_signer_free(struct gk_signer *signer);
/* The DER SubjectPublicKeyInfo of the signer's key. */
bool gk_signer_spki(const struct gk_signer *signer, struct gk_writer *to,
                    struct gk_reason *why) GK_MUST_USE;

/* --- named suites --------------------------------------------------------- */

struct gk_mechanism {
    uint16_t signature, nonce_hash, key_creation, key_wrap;
};

/*
 * Names for sources and configurations (RFC 4535 has numbers only):
 *
 *     name                  signature     nonce hash  key creation  key wrap
 *     recommended           Ed25519       SHA-256     X25519        AES-256-GCM
 *     recommended-aes128    Ed25519       SHA-256     X25519        AES-128-GCM
 *     recommended-chacha20  Ed25519       SHA-256     X25519        ChaCha20-Poly1305
 *     p256                  ECDSA P-256   SHA-256     ECDH P-256    AES-256-GCM
 *     p256-aes128           ECDSA P-256   SHA-256     ECDH P-256    AES-128-GCM
 *     p256-chacha20         ECDSA P-256   SHA-256     ECDH P-256    ChaCha20-Poly1305
 *     suite-1               DSS-SHA1      SHA-1       MODP-1024     AES-CBC-128
 */
struct gk_suite {
    const char *name;
    struct gk_mechanism mechanism;
};

const struct gk_suite *gk_suite_named(const char *name);
const struct gk_suite *gk_suite_at(size_t index); /* NULL after the last */
/* True when this build runs all four; else the reason names the first that it does not, in the
 * order signature, nonce hash, key creation, key wrap: "key wrap 12 (AES-CBC-128) is not run by
 * this version". Its notification is Payload-Malformed for a value of no table, and for the
 * rows that are never run what profile 8.4 says, else Prohibited-by-Group-Policy. */
bool gk_mechanism_runs(const struct gk_mechanism *mechanism, struct gk_reason *why) GK_MUST_USE;
bool gk_mechanism_equal(const struct gk_mechanism *a, const struct gk_mechanism *b);
/* For a sentence: "Ed25519, SHA-256, X25519, AES-256-GCM"; numbers where there are no names. */
#define GK_MECHANISM_TEXT 128
const char *gk_mechanism_format(const struct gk_mechanism *mechanism, char text[GK_MECHANISM_TEXT]);

/* --- tests only ------------------------------------------------------------ */

/* Test programs may add a cheap deterministic scheme, wrap and key creation; the arrays end
 * with a row whose name is NULL. Installed programs never call it. */
struct gk_suite_extra {
    const struct gk_wrap *wraps;
    const struct gk_creation *creations;
    const struct gk_signature_scheme *signatures;
    bool (*verify)(uint16_t type, struct gk_octets spki, struct gk_octets data,
                   struct gk_octets signature);
};
extern const struct gk_suite_extra *gk_suite_extra;

#endif
