/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "token/name.h"
#include "token/cms.h"
#include "token/der.h"
#include "token/kind.h"

static bool refuse_owner(struct gk_reason *why, const struct pki_identity *owner, const char *what)
{
    char name[120];

    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "not-the-owner",
                     "the token is signed by %s, %s", gk_escape(name, sizeof name, owner->name),
                     what);
}

/* The Group Owner is an identity (profile 4.8). */
static bool judge_owner(const struct load_policy *policy, const struct pki_identity *owner,
                        struct gk_reason *why)
{
    if (!name_equal(owner->name, policy->owner))
        return refuse_owner(why, owner, "who is not the configured owner");
    if (policy->has_owner_ca && memcmp(owner->issuer, policy->owner_ca, PKI_KEY_ID_SIZE) != 0)
        return refuse_owner(why, owner, "whose certificate comes from another CA than configured");
    if (policy->has_owner_fingerprint &&
        memcmp(owner->fingerprint, policy->owner_fingerprint, sizeof owner->fingerprint) != 0)
        return refuse_owner(why, owner,
                            "whose certificate has another fingerprint than configured");
    if (!policy->has_owner_ca && !policy->has_owner_fingerprint && policy->trust.root_count != 1)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "owner-ca",
                         "%zu roots are trusted: the owner's name alone does not tell who it is; "
                         "configure the owner's CA or fingerprint",
                         policy->trust.root_count);
    return true;
}

static bool refuse_older(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "older-token",
                     "%s than what was accepted before", what);
}

static bool same_octets(const struct load_mark *mark, const struct load_mark *last)
{
    return last && last->present && memcmp(mark->hash, last->hash, sizeof mark->hash) == 0;
}

/* Profile 11.5, 11.13; the edition is judged when the token has been read. */
static bool judge_signing_time(const struct load_mark *mark, const struct load_mark *last,
                               const struct load_policy *policy, gk_time now, struct gk_reason *why)
{
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(mark->signing_time, stamp);
    if (mark->signing_time > now && mark->signing_time - now > policy->skew)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "signed-in-future",
                         "the token was signed at %s, later than this host's clock and the skew of "
                         "%lld s",
                         stamp, (long long)policy->skew);
    if (last && last->present && !same_octets(mark, last) &&
        mark->signing_time <= last->signing_time)
        return refuse_older(why, "the token was not signed later");
    return true;
}

static bool judge_edition(const struct load_mark *mark, const struct load_mark *last,
                          const struct load_policy *policy, struct gk_reason *why)
{
    if (policy->has_least_edition && (!mark->has_edition || mark->edition < policy->least_edition))
        return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "older-token",
                         "the token's edition is below %lld, the least that local policy accepts",
                         (long long)policy->least_edition);
    if (!last || !last->present || same_octets(mark, last))
        return true;
    if (!mark->has_edition)
        return refuse_older(why, "the token has no edition and so counts as older");
    return !last->has_edition || mark->edition > last->edition ||
           refuse_older(why, "the token's edition is not newer");
}

static bool judge_group(const struct load_policy *policy, const struct token *token,
                        struct gk_reason *why)
{
    char want[64];
    char have[64];

    if (token->group_name.size > sizeof policy->group.value)
        return true; /* no Group ID: the rules refuse it */
    if (gk_octets_equal(token->group_name, gk_group_value(&policy->group)))
        return true;
    (void)gk_escape(want, sizeof want, gk_group_value(&policy->group));
    (void)gk_escape(have, sizeof have, token->group_name);
    return gk_refuse(why, GK_INVALID_GROUP_ID, GK_NO_OFFSET, "other-group",
                     "the token is for group \"%s\", not for \"%s\"", have, want);
}

/* The signer's certificate first, as paths begin with it. */
static bool find_path(struct loaded *loaded, const struct load_policy *policy,
                      const struct cms *cms, gk_time now, struct gk_reason *why)
{
    struct gk_octets certificates[CMS_CERTIFICATES] = {cms->signer};
    size_t count = 1;

    for (size_t i = 0; i < cms->certificate_count && count < CMS_CERTIFICATES; i++) {
        if (!gk_octets_equal(cms->certificate[i], cms->signer))
            certificates[count++] = cms->certificate[i];
    }
    return pki_validate(&policy->trust, certificates, count, cms->crl, cms->crl_count, now,
                        &loaded->owner, why);
}

/* Another token with the same SHA-1 would pass for the owner's. */
static bool judge_digest(const struct load_policy *policy, const struct cms *cms,
                         struct findings *findings, struct gk_reason *why)
{
    if (!cms->sha1)
        return true;
    if (!policy->local.tolerate_suite_1)
        return gk_refuse(why, GK_PROHIBITED_BY_LOCAL_POLICY, GK_NO_OFFSET, "tolerate-suite-1",
                         "the token is signed with %s, which local policy refuses "
                         "(tolerate_suite_1)",
                         cms->algorithm);
    finding_add(findings, "signed-sha1", finding_nowhere(),
                "the token is signed over SHA-1, which is weak");
    return true;
}

/* Notes the step's verdict in passing. */
static bool judged(struct load_chain *chain, enum load_step step, bool good)
{
    chain->verdict[step] = good ? LOAD_GOOD : LOAD_BAD;
    return good;
}

static bool judge_envelope(struct load_chain *chain, struct gk_octets octets, struct gk_reason *why)
{
    bool good = cms_verify(&chain->cms, octets, why);

    if (judged(chain, LOAD_FORM, chain->cms.formed))
        (void)judged(chain, LOAD_SIGNER, good);
    return good || token_kind_explain(octets, TOKEN_KIND_SIGNED, "a signed token", why);
}

static bool load(struct load_chain *chain, struct gk_octets octets,
                 const struct load_policy *policy, const struct load_mark *last, gk_time now,
                 struct gk_reason *why)
{
    struct loaded *loaded = chain->tried;
    struct findings *findings = &loaded->findings;
    struct load_mark *mark = &loaded->mark;

    if (!judge_envelope(chain, octets, why) ||
        !judged(chain, LOAD_SIGNER, judge_digest(policy, &chain->cms, findings, why)) ||
        !judged(chain, LOAD_PATH, find_path(loaded, policy, &chain->cms, now, why)) ||
        !judged(chain, LOAD_OWNER, judge_owner(policy, loaded->owner, why)))
        return false;
    mark->present = true;
    mark->signing_time = chain->cms.signing_time;
    gk_sha256(octets, mark->hash);
    if (!judge_signing_time(mark, last, policy, now, why))
        return judged(chain, LOAD_AGE, false);
    findings->base = (size_t)(chain->cms.content.data - octets.data);
    loaded->token = token_from_der(chain->cms.content, why);
    if (!loaded->token)
        return judged(chain, LOAD_CONTENT, false);
    mark->has_edition = loaded->token->has_edition;
    mark->edition = loaded->token->edition;
    if (!judged(chain, LOAD_AGE, judge_edition(mark, last, policy, why)) ||
        !judged(chain, LOAD_CONTENT, judge_group(policy, loaded->token, why)))
        return false;
    loaded->rules = rules_new(loaded->token, &policy->local, findings, why);
    return judged(chain, LOAD_CONTENT, loaded->rules != NULL);
}

/* The rule stands behind the sentence: the catalogue tells the rest. */
static void name_rule(struct gk_reason *why)
{
    const char *id = finding_rule_of(why->code)->id;
    size_t size = strlen(why->text);

    if (size + strlen(id) + 4 < sizeof why->text)
        (void)snprintf(why->text + size, sizeof why->text - size, " (%s)", id);
}

struct loaded *load_token_chain(struct gk_octets signed_token, const struct load_policy *policy,
                                const struct load_mark *last, gk_time now, struct load_chain *chain,
                                struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct findings *findings;
    bool good;

    *chain = (struct load_chain){.tried = gk_alloc(1, sizeof *chain->tried)};
    chain->tried->references = 1;
    findings = &chain->tried->findings;
    if (signed_token.size > TOKEN_MAX) {
        good = gk_refuse(&own, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "token-size",
                         "the signed token has %zu octets, %d are allowed", signed_token.size,
                         TOKEN_MAX);
        (void)judged(chain, LOAD_FORM, false);
    } else {
        chain->tried->octets = gk_secret_copy(signed_token);
        good = load(chain, signed_token, policy, last, now, &own);
    }
    if (good)
        return load_ref(chain->tried);
    if (!findings->refused)
        finding_take(findings, &own);
    name_rule(&own);
    if (why)
        *why = own;
    return NULL;
}

struct loaded *load_token(struct gk_octets signed_token, const struct load_policy *policy,
                          const struct load_mark *last, gk_time now, struct gk_reason *why)
{
    struct load_chain chain;
    struct loaded *loaded = load_token_chain(signed_token, policy, last, now, &chain, why);

    load_chain_free(&chain);
    return loaded;
}

void load_chain_free(struct load_chain *chain)
{
    load_unref(chain->tried);
    chain->tried = NULL;
}

struct loaded *load_ref(struct loaded *loaded)
{
    loaded->references++;
    return loaded;
}

void load_unref(struct loaded *loaded)
{
    if (!loaded || --loaded->references)
        return;
    rules_free(loaded->rules);
    token_free(loaded->token);
    pki_identity_free(loaded->owner);
    gk_secret_free(&loaded->octets);
    findings_free(&loaded->findings);
    free(loaded);
}

void load_warn(const struct loaded *loaded, struct gk_turn *turn)
{
    for (size_t i = 0; i < loaded->findings.count; i++) {
        const struct finding *finding = &loaded->findings.at[i];

        gk_turn_notice(turn, GK_WARNING, "token-warning", GK_NONE, "%s (%s)", finding->text,
                       finding->rule->id);
    }
}
