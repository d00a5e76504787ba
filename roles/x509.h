/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_X509_H
#define ROLES_X509_H
/*
 * Certificates and CRLs as slices (RFC 5280 4.1, 5.1); inside roles/ only.
 *
 * Parsing borrows from the DER and looks at what path validation needs, in its one DER form.
 * It also measures the key (profile 4.10), so that what it returns may meet arithmetic.
 * Nothing here says whether a certificate is to be trusted: roles/pki.c does.
 */
#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"

#define X509_DIGITAL_SIGNATURE 0x80u
#define X509_KEY_CERT_SIGN     0x04u
#define X509_CRL_SIGN          0x02u

/* What certificates and CRLs are signed with. */
struct x509_signature {
    struct gk_octets tbs;
    struct gk_octets algorithm; /* AlgorithmIdentifier */
    struct gk_octets value;
};

/* Takes a certificate or a CRL apart: what is signed, as a cursor, and with what. False when it
 * has another shape. */
bool x509_read_signed(struct gk_octets der, struct x509_signature *signature,
                      struct gk_reader *tbs) GK_MUST_USE;

struct x509_extension {
    struct gk_octets oid, value;
    bool critical;
};

/* The next Extension of a list; one of another shape fails the list. */
bool x509_read_extension(struct gk_reader *list, struct x509_extension *extension);

struct x509 {
    struct gk_octets der;
    struct x509_signature signature;
    struct gk_octets serial; /* content of the INTEGER */
    struct gk_octets issuer; /* DER Name */
    struct gk_octets subject;
    struct gk_octets spki;
    struct gk_octets key; /* subjectPublicKey, without the count of unused bits */
    gk_time from, until;

    bool is_ca;
    int32_t path_length; /* -1: none */
    bool has_usage;
    unsigned usage; /* first octet of keyUsage */
    bool has_san;
    struct gk_octets san; /* content of GeneralNames */
    bool has_constraints;
    struct gk_octets constraints; /* content of NameConstraints */
    struct gk_octets subject_key_id;
    struct gk_octets critical; /* OID content of the first critical extension not processed */
};

/* Malformed, or a key beyond the limits: Authentication-Failed. */
bool x509_parse(struct x509 *certificate, struct gk_octets der, struct gk_reason *why) GK_MUST_USE;
/* Is the SubjectPublicKeyInfo's key within profile 4.10? */
bool x509_measure_key(struct gk_octets spki, struct gk_reason *why) GK_MUST_USE;
bool x509_self_issued(const struct x509 *certificate);

/* May certificates be signed so (profile 11.14)? */
bool x509_algorithm_allowed(struct gk_octets algorithm, bool tolerate_sha1,
                            struct gk_reason *why) GK_MUST_USE;
/* Verifies under the key of a SubjectPublicKeyInfo. MD5 never verifies. */
bool x509_signed_by(const struct x509_signature *signature, struct gk_octets spki);

struct x509_crl {
    struct x509_signature signature;
    struct gk_octets issuer;
    gk_time this_update;
    bool has_next_update;
    gk_time next_update;
    struct gk_octets number;  /* content of CRLNumber, empty when absent */
    struct gk_octets revoked; /* content of revokedCertificates */
    bool partial;             /* a critical extension, or a delta or a part (profile 4.5) */
};

bool x509_crl_parse(struct x509_crl *crl, struct gk_octets der, struct gk_reason *why) GK_MUST_USE;
/* Later thisUpdate, then larger CRLNumber. */
bool x509_crl_newer(const struct x509_crl *crl, const struct x509_crl *than);
bool x509_crl_lists(const struct x509_crl *crl, struct gk_octets serial);

/* Do the names of the certificate stand within the NameConstraints of a CA above it
 * (RFC 5280 4.2.1.10)? */
bool x509_constraints_permit(struct gk_octets constraints, const struct x509 *certificate,
                             struct gk_reason *why) GK_MUST_USE;

#endif
