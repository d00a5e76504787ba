/* SPDX-License-Identifier: Apache-2.0 */
/* The signer's certificate and its path, against the clock and the policy's moments. */
#include "roles/lint-parts.h"
#include "roles/x509.h"

#define DAY  INT64_C(86400)
#define SOON (30 * DAY)

struct signing {
    const struct lint_subject *subject;
    const struct lint_context *context;
    struct findings *findings;
    gk_time now;
};

static void find_signing_time(const struct signing *of, const struct x509 *signer)
{
    gk_time signed_at = of->subject->cms->signing_time;

    if (signed_at >= signer->from && signed_at <= signer->until)
        return;
    finding_add(of->findings, "signed-outside", finding_nowhere(),
                "the token says that it was signed at %s, the signer's certificate is valid from "
                "%s to %s",
                lint_stamp(signed_at).text, lint_stamp(signer->from).text,
                lint_stamp(signer->until).text);
}

static void find_end(const struct signing *of, const struct x509 *signer)
{
    if (signer->until < of->now)
        finding_add(of->findings, "signer-ends-soon", finding_nowhere(),
                    "the signer's certificate expired at %s", lint_stamp(signer->until).text);
    else if (signer->until - of->now < SOON)
        finding_add(of->findings, "signer-ends-soon", finding_nowhere(),
                    "the signer's certificate expires at %s, in less than %lld days",
                    lint_stamp(signer->until).text,
                    (long long)((signer->until - of->now) / DAY + 1));
}

static void find_issuer(const struct signing *of, const struct x509 *signer, struct gk_octets der)
{
    struct x509 issuer;

    if (gk_octets_equal(der, signer->der) || !x509_parse(&issuer, der, NULL) || !issuer.is_ca ||
        issuer.until >= signer->until)
        return;
    finding_add(of->findings, "issuer-ends-first", finding_nowhere(),
                "an authority above the signer expires at %s, the signer's certificate at %s",
                lint_stamp(issuer.until).text, lint_stamp(signer->until).text);
}

/* Of the path where it is known, root included; else those that came along. */
static void find_issuers(const struct signing *of, const struct x509 *signer)
{
    const struct pki_identity *identity = of->subject->owner;
    const struct cms *cms = of->subject->cms;

    for (size_t i = 0; identity && i < identity->issuer_count; i++)
        find_issuer(of, signer, identity->issuers[i]);
    for (size_t i = 0; !identity && i < cms->certificate_count; i++)
        find_issuer(of, signer, cms->certificate[i]);
}

/* Of --crl: one that no authority above the signer signed (profile 11.19). */
static void find_lists(const struct signing *of)
{
    const struct pki_trust *trust = &of->context->policy->trust;

    for (size_t i = 0; i < trust->crl_count && i < 64; i++) {
        if (!(of->subject->owner->crls_signed >> i & 1))
            finding_add(of->findings, "crl-ignored", finding_nowhere(),
                        "revocation list %zu is signed by no authority above the signer: it "
                        "revokes nothing here",
                        i + 1);
    }
}

static bool outlives(const struct token_key_info *key, gk_time end)
{
    return key->present && key->has_expiration && lint_is_moment(&key->expiration) &&
           key->expiration.value > end;
}

static void find_outliving(const struct signing *of, const struct x509 *signer)
{
    const struct token *token = of->subject->token;

    for (size_t i = 0; i < token->data_count; i++) {
        const struct token_protocol *data = &token->datas[i];

        if (data->kind == TOKEN_PROTOCOL_DATA &&
            (outlives(&data->data->authentication, signer->until) ||
             outlives(&data->data->encryption, signer->until)))
            finding_add(of->findings, "keys-outlive-signer",
                        finding_spot(&data->place, "data[%zu]", i),
                        "a key of data protocol %zu expires after the signer's certificate, which "
                        "ends at %s",
                        i + 1, lint_stamp(signer->until).text);
    }
}

void lint_signer(const struct lint_subject *subject, const struct lint_context *context,
                 struct findings *findings)
{
    const struct signing of = {subject, context, findings, context->now};
    struct x509 signer;

    if (!subject->cms || !x509_parse(&signer, subject->cms->signer, NULL))
        return;
    find_signing_time(&of, &signer);
    find_end(&of, &signer);
    find_issuers(&of, &signer);
    find_outliving(&of, &signer);
    if (subject->owner && context->policy)
        find_lists(&of);
}
