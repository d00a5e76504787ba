/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PKI_H
#define ROLES_PKI_H
/*
 * Paths: from the certificates of a message or token to an identity that the rules can judge
 * (RFC 5280, wire profile 4.4 to 4.8, 4.10, 11.6, 11.14 to 11.16).
 *
 * Pure: time is given, nothing is fetched. GnuTLS would read the wall clock, so validity
 * dates and CRL times are compared here. An identity owns copies of what it needs, keeps no
 * library handle, and is immutable: share it between threads, free it once.
 */
#include "gsakmp/message.h"
#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"

#define PKI_PATH_MAX    8
#define PKI_KEY_ID_SIZE 20

/* What the host trusts; filled by configuration, DER, borrowed. */
struct pki_trust {
    const struct gk_octets *roots;
    size_t root_count;
    const struct gk_octets *crls;
    size_t crl_count;
    bool tolerate_sha1; /* certificates signed with SHA-1 (profile 11.14) */
    bool demand_crl;    /* no CRL at hand for an issuer is an error */
};

/* A key identifier in one of its computed forms (RFC 5280 4.2.1.2 (1), RFC 7093 1 to 3). */
struct pki_key_id {
    uint8_t size;
    uint8_t value[32];
};

struct pki_identity {
    struct gk_octets name;           /* profile 4.3's string of the subject */
    struct gk_octets name_key;       /* token/name.h */
    uint8_t issuer[PKI_KEY_ID_SIZE]; /* computed key identifier, method (1), of the issuing CA */
    struct gk_octets certificate;
    struct gk_octets spki;
    uint8_t fingerprint[32]; /* SHA-256 of the end entity's certificate */
    size_t path_length;      /* root included */
    size_t ca_count;
    struct pki_key_id ca[(PKI_PATH_MAX + 1) * 5]; /* of every CA in the path, in each form */
    size_t san_count;
    struct pki_san {
        uint8_t id_type; /* enum gk_id_type: an address, a host or a mailbox */
        struct gk_octets value;
    } * san;
    size_t issuer_count;
    struct gk_octets issuers[PKI_PATH_MAX]; /* certificates of the CAs, the issuing one first */
    struct gk_octets serial_der;            /* content of the INTEGER */
    struct gk_octets subject_der;
    struct gk_octets subject_key_id; /* the extension's */
    uint8_t serial[20];              /* big-endian, right-aligned; profile 11.7, type 30 */
    struct gk_octets slash_name;     /* type 30's DN Data, root first */
    bool slash_ambiguous;            /* other names have that form too: it admits nobody */
    gk_time valid_from, valid_until; /* of the whole path and its CRLs: judge again after */
    /* Which of the received CRLs is now the newest of a CA of the path: keep it for later
     * (profile 4.5). Which of the first 64 local ones a CA of the path signed: a tool says
     * that the others are ignored (profile 11.19). Bits by position. */
    uint32_t crls_newest;
    uint64_t crls_signed;
    void *arena;
};

/* Validates the path of certificates[0] at `at`. The notifications are profile 4.6's: 17
 * without a certificate, 13 for a path that ends at no trusted root, 14 for the rest. */
bool pki_validate(const struct pki_trust *trust, const struct gk_octets *certificates, size_t count,
                  const struct gk_octets *crls, size_t crl_count, gk_time at,
                  struct pki_identity **identity, struct gk_reason *why) GK_MUST_USE;
/* The same over the certificate payloads of a message (types 4 and 7); other known types are
 * Cert-Type-Unsupported. Also checks that Signer ID is the certificate's subject (type 31):
 * Invalid-ID-Information for another ID type, Authentication-Failed for another name. */
bool pki_signer_of_message(const struct pki_trust *trust, const struct gk_message *message,
                           gk_time at, struct pki_identity **identity,
                           struct gk_reason *why) GK_MUST_USE;
void pki_identity_free(struct pki_identity *identity);
struct pki_identity *pki_identity_copy(const struct pki_identity *identity) GK_MUST_USE;
/* Same subject name and same issuing CA key (profile 4.8). */
bool pki_identity_same(const struct pki_identity *a, const struct pki_identity *b);
/* Does a token's cA name a CA of this path (profile 11.6)? */
bool pki_under(const struct pki_identity *identity, struct gk_octets key_id);
/* Computed key identifier, method (1), of a certificate's public key. */
bool pki_key_id_of(struct gk_octets certificate, uint8_t key_id[PKI_KEY_ID_SIZE],
                   struct gk_reason *why) GK_MUST_USE;
/* Does the host's configuration give a usable root or CRL? A malformed root is passed over
 * by pki_validate, a malformed local CRL refuses every path: check both when configured. */
bool pki_check_root(struct gk_octets certificate, struct gk_reason *why) GK_MUST_USE;
bool pki_check_crl(struct gk_octets crl, struct gk_reason *why) GK_MUST_USE;
/* One octet string for both parts of an identity: for records and lookups. */
void pki_identity_key(const struct pki_identity *identity, struct gk_writer *to);

#endif
