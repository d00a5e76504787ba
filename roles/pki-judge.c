/* SPDX-License-Identifier: Apache-2.0 */
/* What RFC 5280 6.1 and profile 4.5, 11.14, 11.15 ask of a path whose signatures hold. */
#include "roles/pki-parts.h"

#include <stdio.h>

#include "token/name.h"

const char *pki_name_for_log(struct gk_octets der, char *to, size_t room)
{
    struct gk_writer name = {0};

    if (name_of_der(der, &name, NULL))
        (void)gk_escape(to, room, gk_writer_octets(&name));
    else
        (void)snprintf(to, room, "a nameless one");
    gk_writer_free(&name);
    return to;
}

static bool refuse_at(struct gk_reason *why, const struct x509 *certificate, const char *code,
                      const char *what)
{
    char name[140];

    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, code, "the certificate of %s %s",
                     pki_name_for_log(certificate->subject, name, sizeof name), what);
}

static bool judge_dates(struct pki_path *path, const struct x509 *certificate, gk_time at,
                        struct gk_reason *why)
{
    char stamp[GK_STAMP_SIZE + 1];
    char what[64];

    if (at < certificate->from) {
        gk_stamp_format(certificate->from, stamp);
        (void)snprintf(what, sizeof what, "is not valid before %s", stamp);
        return refuse_at(why, certificate, "not-yet-valid", what);
    }
    if (at > certificate->until) {
        gk_stamp_format(certificate->until, stamp);
        (void)snprintf(what, sizeof what, "expired at %s", stamp);
        return refuse_at(why, certificate, "expired", what);
    }
    if (certificate->from > path->valid_from)
        path->valid_from = certificate->from;
    if (certificate->until < path->valid_until)
        path->valid_until = certificate->until;
    return true;
}

/* Intermediates below `issuer`, self-issued ones apart (RFC 5280 6.1.4 (l)). */
static int32_t depth_below(const struct pki_path *path, size_t issuer)
{
    int32_t depth = 0;

    for (size_t i = 1; i < issuer; i++)
        depth += !x509_self_issued(path->at[i]);
    return depth;
}

static bool judge_issuer(const struct pki_path *path, size_t index, struct gk_reason *why)
{
    const struct x509 *issuer = path->at[index];

    if (!issuer->is_ca)
        return refuse_at(why, issuer, "not-a-ca", "issued another one but is not a CA's");
    if (issuer->has_usage && !(issuer->usage & X509_KEY_CERT_SIGN))
        return refuse_at(why, issuer, "key-usage", "may not sign certificates (keyCertSign)");
    if (issuer->path_length >= 0 && depth_below(path, index) > issuer->path_length)
        return refuse_at(why, issuer, "path-length", "allows no path of this length");
    return true;
}

static bool judge_certificate(struct pki_path *path, size_t index, const struct pki_trust *trust,
                              gk_time at, struct gk_reason *why)
{
    const struct x509 *certificate = path->at[index];

    if (!judge_dates(path, certificate, at, why))
        return false;
    if (certificate->critical.size)
        return refuse_at(why, certificate, "critical-extension",
                         "has a critical extension that is not processed");
    if (!x509_algorithm_allowed(certificate->signature.algorithm, trust->tolerate_sha1, why))
        return false;
    if (index > 0)
        return judge_issuer(path, index, why);
    if (certificate->has_usage && !(certificate->usage & X509_DIGITAL_SIGNATURE))
        return refuse_at(why, certificate, "key-usage", "may not sign messages (digitalSignature)");
    return true;
}

static bool judge_names(const struct pki_path *path, size_t index, struct gk_reason *why)
{
    if (index > 0 && x509_self_issued(path->at[index]))
        return true;
    for (size_t i = index + 1; i < path->count; i++) {
        if (path->at[i]->has_constraints &&
            !x509_constraints_permit(path->at[i]->constraints, path->at[index], why))
            return false;
    }
    return true;
}

/* Profile 4.5: signed by this CA, whole, in an algorithm that certificates may have. */
bool pki_crl_counts(const struct x509_crl *crl, const struct x509 *issuer,
                    const struct pki_trust *trust)
{
    return gk_octets_equal(crl->issuer, issuer->subject) &&
           (!issuer->has_usage || issuer->usage & X509_CRL_SIGN) &&
           x509_algorithm_allowed(crl->signature.algorithm, trust->tolerate_sha1, NULL) &&
           x509_signed_by(&crl->signature, issuer->spki);
}

static const struct x509_crl *newest_crl(struct pki_path *path, const struct x509 *issuer,
                                         const struct pki_trust *trust, const struct pki_crls *crls)
{
    const struct x509_crl *newest = NULL;
    size_t which = 0;

    for (size_t i = 0; i < crls->count; i++) {
        const struct x509_crl *crl = &crls->at[i];

        if (!pki_crl_counts(crl, issuer, trust))
            continue;
        if (i < crls->local && i < 64)
            path->crls_signed |= UINT64_C(1) << i;
        if (!crl->partial && (!newest || x509_crl_newer(crl, newest))) {
            newest = crl;
            which = i;
        }
    }
    if (newest && which >= crls->local)
        path->crls_newest |= UINT32_C(1) << (which - crls->local);
    return newest;
}

static bool judge_revocation(struct pki_path *path, size_t index, const struct pki_trust *trust,
                             const struct pki_crls *crls, gk_time at, struct gk_reason *why)
{
    const struct x509 *certificate = path->at[index];
    const struct x509_crl *crl = newest_crl(path, path->at[index + 1], trust, crls);
    bool current = crl && (!crl->has_next_update || crl->next_update >= at);

    if (crl && x509_crl_lists(crl, certificate->serial))
        return refuse_at(why, certificate, "revoked", "is revoked");
    if (trust->demand_crl && !current)
        return refuse_at(why, certificate, "crl-missing",
                         crl ? "has an issuer whose revocation list is past its next update"
                             : "has an issuer without revocation list, which local policy demands");
    if (current && crl->has_next_update && crl->next_update < path->valid_until)
        path->valid_until = crl->next_update;
    return true;
}

bool pki_path_judge(struct pki_path *path, const struct pki_trust *trust,
                    const struct pki_crls *crls, gk_time at, struct gk_reason *why)
{
    path->valid_from = INT64_MIN;
    path->valid_until = INT64_MAX;
    path->crls_newest = 0;
    path->crls_signed = 0;
    for (size_t i = 0; i < path->count; i++) {
        if (!judge_certificate(path, i, trust, at, why) || !judge_names(path, i, why))
            return false;
        if (i + 1 < path->count && !judge_revocation(path, i, trust, crls, at, why))
            return false;
    }
    return true;
}
