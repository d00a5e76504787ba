/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/pki.h"

#include <stdlib.h>
#include <string.h>

#include "token/name.h"
#include "roles/pki-parts.h"
#include "token/der-certificate.h"

/* A sender may bring many certificates of one name: so many signatures are tried, and so
 * many whole paths judged, before giving up. */
#define SIGNATURES_MAX 64
#define PATHS_MAX      8

struct candidate {
    struct x509 certificate;
    bool trusted;
    bool in_path;
};

struct search {
    const struct pki_trust *trust;
    const struct pki_crls *crls;
    gk_time at;
    size_t count;
    struct candidate *candidate; /* what was brought, then the roots */
    unsigned signatures, paths;
    struct pki_path path;
    bool too_long;
    struct gk_reason *why;
    struct gk_reason first; /* why the first whole path was refused */
};

/* Everything that was brought is measured, used or not (profile 4.10, 11.16). */
static bool parse_brought(struct search *search, const struct gk_octets *certificates, size_t count,
                          struct gk_reason *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!der_check_certificate(certificates[i], NULL, why)) {
            if (why)
                why->notification = GK_AUTHENTICATION_FAILED;
            return false;
        }
        if (!x509_parse(&search->candidate[i].certificate, certificates[i], why))
            return false;
    }
    search->count = count;
    return true;
}

static void add_roots(struct search *search)
{
    for (size_t i = 0; i < search->trust->root_count; i++) {
        struct candidate *candidate = &search->candidate[search->count];

        memset(candidate, 0, sizeof *candidate);
        if (!x509_parse(&candidate->certificate, search->trust->roots[i], NULL))
            continue;
        candidate->trusted = true;
        search->count++;
    }
}

static bool accept_path(struct search *search)
{
    struct gk_reason why = {0};

    search->paths++;
    if (pki_path_judge(&search->path, search->trust, search->crls, search->at, &why))
        return true;
    if (!search->first.code)
        search->first = why;
    return false;
}

static bool may_be_issuer(struct search *search, const struct x509 *below,
                          const struct candidate *candidate, bool only_trusted)
{
    if (candidate->in_path || (only_trusted && !candidate->trusted))
        return false;
    if (!gk_octets_equal(below->issuer, candidate->certificate.subject))
        return false;
    return search->signatures++ < SIGNATURES_MAX &&
           x509_signed_by(&below->signature, candidate->certificate.spki);
}

/* Depth first. From a trusted certificate that another one issued the search goes on among
 * the trusted ones, so that a rule may name the topmost CA; then it stops there. */
static bool extend(struct search *search, struct candidate *candidate)
{
    struct pki_path *path = &search->path;
    bool found = false;

    if (path->count == PKI_PATH_MAX) {
        search->too_long = true;
        return false;
    }
    path->at[path->count++] = &candidate->certificate;
    candidate->in_path = true;
    if (!candidate->trusted || !x509_self_issued(&candidate->certificate)) {
        for (size_t i = 0; i < search->count && !found && search->paths < PATHS_MAX; i++) {
            if (may_be_issuer(search, &candidate->certificate, &search->candidate[i],
                              candidate->trusted))
                found = extend(search, &search->candidate[i]);
        }
    }
    if (!found && candidate->trusted)
        found = accept_path(search);
    if (!found)
        path->count--;
    candidate->in_path = false;
    return found;
}

/* Certificates of ours that a peer sends back are not what it brought (RFC 4535 7.7.2). */
static void drop_copies_of_roots(struct search *search, size_t brought)
{
    for (size_t i = 0; i < brought; i++) {
        for (size_t j = brought; j < search->count; j++) {
            if (gk_octets_equal(search->candidate[i].certificate.der,
                                search->candidate[j].certificate.der))
                search->candidate[i].in_path = true;
        }
    }
}

/* Where the search begins: our own copy when the end entity's certificate is itself pinned. */
static struct candidate *first_of(struct search *search, size_t brought)
{
    for (size_t j = brought; j < search->count; j++) {
        if (gk_octets_equal(search->candidate[0].certificate.der,
                            search->candidate[j].certificate.der))
            return &search->candidate[j];
    }
    return &search->candidate[0];
}

static bool refuse_search(struct search *search)
{
    char name[140];

    if (search->first.code) {
        if (search->why)
            *search->why = search->first;
        return false;
    }
    if (search->too_long)
        return gk_refuse(search->why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "path-size",
                         "the certificate's path is longer than %d certificates", PKI_PATH_MAX);
    return gk_refuse(search->why, GK_INVALID_CERT_AUTHORITY, GK_NO_OFFSET, "no-trusted-root",
                     "no path leads from the certificate, issued by %s, to a trusted root",
                     pki_name_for_log(search->candidate[0].certificate.issuer, name, sizeof name));
}

static bool find_path(struct search *search, const struct gk_octets *certificates, size_t count)
{
    search->candidate = gk_alloc(count + search->trust->root_count, sizeof *search->candidate);
    if (!parse_brought(search, certificates, count, search->why))
        return false;
    add_roots(search);
    drop_copies_of_roots(search, count);
    return extend(search, first_of(search, count)) || refuse_search(search);
}

static bool parse_crls(struct pki_crls *parsed, const struct pki_trust *trust,
                       const struct gk_octets *crls, size_t count, struct gk_reason *why)
{
    parsed->at = gk_alloc(trust->crl_count + count, sizeof *parsed->at);
    for (size_t i = 0; i < trust->crl_count; i++) {
        if (!x509_crl_parse(&parsed->at[parsed->count++], trust->crls[i], why))
            return false;
    }
    parsed->local = parsed->count;
    for (size_t i = 0; i < count; i++) {
        if (!der_check_crl(crls[i], why)) {
            if (why)
                why->notification = GK_AUTHENTICATION_FAILED;
            return false;
        }
        if (!x509_crl_parse(&parsed->at[parsed->count++], crls[i], why))
            return false;
    }
    return true;
}

bool pki_validate(const struct pki_trust *trust, const struct gk_octets *certificates, size_t count,
                  const struct gk_octets *crls, size_t crl_count, gk_time at,
                  struct pki_identity **identity, struct gk_reason *why)
{
    struct pki_crls parsed = {0};
    struct search search = {.trust = trust, .crls = &parsed, .at = at, .why = why};
    bool good;

    *identity = NULL;
    if (!count)
        return gk_refuse(why, GK_CERTIFICATE_UNAVAILABLE, GK_NO_OFFSET, "no-certificate",
                         "the signer's certificate is not there");
    if (count > PKI_CERTIFICATES || crl_count > PKI_CERTIFICATES)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "certificate-count",
                         "%zu certificates and %zu revocation lists came, %d of each are allowed",
                         count, crl_count, PKI_CERTIFICATES);
    good =
        parse_crls(&parsed, trust, crls, crl_count, why) && find_path(&search, certificates, count);
    if (good)
        *identity = pki_identity_new(&search.path, why);
    free(search.candidate);
    free(parsed.at);
    return *identity != NULL;
}

bool pki_key_id_of(struct gk_octets certificate, uint8_t key_id[PKI_KEY_ID_SIZE],
                   struct gk_reason *why)
{
    struct x509 parsed;
    struct pki_key_id id;

    if (!x509_parse(&parsed, certificate, why))
        return false;
    id = pki_key_id_form(&parsed, 0);
    memcpy(key_id, id.value, PKI_KEY_ID_SIZE);
    return true;
}

bool pki_check_root(struct gk_octets certificate, struct gk_reason *why)
{
    struct x509 parsed;
    struct gk_writer name = {0};
    bool good = der_check_certificate(certificate, NULL, why) &&
                x509_parse(&parsed, certificate, why) && name_of_der(parsed.subject, &name, why);

    gk_writer_free(&name);
    return good;
}

bool pki_check_crl(struct gk_octets crl, struct gk_reason *why)
{
    struct x509_crl parsed;

    return der_check_crl(crl, why) && x509_crl_parse(&parsed, crl, why);
}
