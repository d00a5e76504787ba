/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PKI_LISTS_H
#define ROLES_PKI_LISTS_H
/*
 * The revocation lists that a host has at hand, as an engine keeps them: copied, counted,
 * replaced as a whole (profile 4.5).
 *
 * Paths are validated with them through pki_trust. Who is in the group already is asked about
 * here without a path, by the certificates of the CAs above and by a serial number: the costly
 * part, which list of a CA counts, is asked once for many, and naming one is a search.
 *
 * Immutable once made; references are counted in one thread, reading is for any.
 */
#include "roles/pki.h"

struct pki_lists;

/* Lists that do not parse are left out: pki_check_crl says so when they are configured. */
struct pki_lists *pki_lists_new(const struct gk_octets *crls, size_t count);
struct pki_lists *pki_lists_ref(struct pki_lists *lists);
void pki_lists_unref(struct pki_lists *lists); /* NULL is no list */
/* Lets `trust` borrow them. */
void pki_lists_lend(const struct pki_lists *lists, struct pki_trust *trust);

/* May `held` go because `fresh` is at hand (profile 4.5)? The same list may, and one of no use;
 * else `fresh` is of the same issuer, whole, and not older, and where a root of that name signed
 * `held` it signed `fresh` too. (Lists of CAs below the roots are not verified here: their
 * certificates are not at hand.) */
bool pki_list_displaces(struct gk_octets fresh, struct gk_octets held,
                        const struct pki_trust *trust);

/* What the lists say of a path's CAs. */
struct pki_issuers {
    bool revoked; /* one of them is */
    size_t list;  /* the one that counts for the end entity, PKI_NO_LIST for none */
};
#define PKI_NO_LIST SIZE_MAX

/* `issuers`: certificates, that of the end entity's CA first. A list past its next update still
 * revokes; lists that are demanded (demand_crl) are the business of admission. */
struct pki_issuers pki_lists_ask(const struct pki_lists *lists, bool tolerate_sha1,
                                 const struct gk_octets *issuers, size_t count);
/* Is the serial number (an INTEGER's content) on that list? */
bool pki_lists_name(const struct pki_lists *lists, size_t list, struct gk_octets serial);
/* Both for one identity. */
bool pki_lists_revoke(const struct pki_lists *lists, bool tolerate_sha1,
                      const struct pki_identity *identity);

#endif
