/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PKI_PARTS_H
#define ROLES_PKI_PARTS_H
/*
 * Between the files of path validation; inside roles/ only.
 */
#include "roles/pki.h"
#include "roles/x509.h"

#define PKI_CERTIFICATES 10 /* of a message or token (profile 4.10) */

/* A path, end entity first, the trusted certificate last. */
struct pki_path {
    size_t count;
    const struct x509 *at[PKI_PATH_MAX];
    /* Filled by pki_path_judge. */
    gk_time valid_from, valid_until;
    uint32_t crls_newest; /* of the received ones: roles/pki.h */
    uint64_t crls_signed; /* of the local ones */
};

/* CRLs at hand, parsed: the local ones, then the received ones. */
struct pki_crls {
    size_t count;
    size_t local; /* so many are local */
    struct x509_crl *at;
};

/* Dates, keys' uses, algorithms, constraints, revocation: all but signatures and trust. */
bool pki_path_judge(struct pki_path *path, const struct pki_trust *trust,
                    const struct pki_crls *crls, gk_time at, struct gk_reason *why) GK_MUST_USE;

/* Is it a list of this CA's, in an algorithm that certificates may have? */
bool pki_crl_counts(const struct x509_crl *crl, const struct x509 *issuer,
                    const struct pki_trust *trust);

/* A DER Name as escaped text for a sentence; "a nameless one" when it is none. */
const char *pki_name_for_log(struct gk_octets der, char *to, size_t room);

/* The certificate's key identifier in form 0 (RFC 5280 method 1), 1 to 3 (RFC 7093). */
#define PKI_KEY_ID_FORMS 4
struct pki_key_id pki_key_id_form(const struct x509 *certificate, int form);

struct pki_identity *pki_identity_new(const struct pki_path *path,
                                      struct gk_reason *why) GK_MUST_USE;

#endif
