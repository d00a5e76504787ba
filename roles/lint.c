/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/lint.h"

#include "roles/lint-parts.h"
#include "token/der.h"
#include "token/kind.h"
#include "token/lint.h"

static struct rules_local local_of(const struct lint_context *context)
{
    struct rules_local local = context->policy ? context->policy->local : context->local;

    local.serves = !context->as_member; /* a token that no GC/KS runs is no use to anybody */
    return local;
}

/* What stands in the token, whoever signed it. */
static void lint_content(const struct lint_subject *subject, const struct lint_context *context,
                         struct findings *findings)
{
    token_lint(subject->token, findings);
    lint_sizes(subject, context, findings);
    lint_people(subject, context, findings);
    lint_time(subject, context, findings);
    lint_signer(subject, context, findings);
}

static void lint_judged(struct lint_subject *subject, const struct lint_context *context,
                        struct findings *findings)
{
    struct rules_local local = local_of(context);
    struct rules *rules = rules_new(subject->token, &local, findings, NULL);

    subject->rules = rules;
    lint_content(subject, context, findings);
    rules_free(rules);
}

void lint_token(const struct token *token, const struct lint_context *context,
                struct findings *findings)
{
    struct lint_subject subject = {.token = token};
    struct gk_reason why = {0};
    struct gk_writer der = {0};

    if (!token_to_der(token, &der, &why)) {
        finding_take(findings, &why);
    } else {
        subject.size = der.size;
        lint_judged(&subject, context, findings);
    }
    gk_writer_free(&der);
}

/* Form and signature, and the contents; whose signature it is nobody can say. */
static void lint_unowned(struct gk_octets file, const struct lint_context *context,
                         struct findings *findings)
{
    struct lint_subject subject = {.size = file.size, .is_signed = true};
    struct gk_reason why = {0};
    struct token *token = NULL;
    struct cms cms;

    if (!cms_verify(&cms, file, &why)) {
        (void)token_kind_explain(file, TOKEN_KIND_SIGNED, "a signed token", &why);
    } else {
        findings->base = (size_t)(cms.content.data - file.data);
        token = token_from_der(cms.content, &why);
    }
    if (!token) {
        finding_take(findings, &why);
        return;
    }
    finding_add(findings, "owner-not-judged", finding_nowhere(),
                "no root is given: whether the signer is the Group Owner was not judged");
    subject.token = token;
    subject.cms = &cms;
    lint_judged(&subject, context, findings);
    token_free(token);
}

void lint_signed(struct gk_octets file, const struct lint_context *context,
                 struct findings *findings)
{
    struct lint_subject subject = {.size = file.size, .is_signed = true};
    struct load_policy policy;
    struct load_chain chain;
    struct loaded *loaded;

    if (!context->policy) {
        lint_unowned(file, context, findings);
        return;
    }
    policy = *context->policy;
    policy.local = local_of(context);
    loaded = load_token_chain(file, &policy, context->last, context->now, &chain, NULL);
    findings->base = chain.tried->findings.base;
    findings_move(findings, &chain.tried->findings);
    subject.token = chain.tried->token;
    subject.rules = chain.tried->rules;
    subject.owner = chain.tried->owner;
    subject.cms = &chain.cms;
    if (subject.token)
        lint_content(&subject, context, findings);
    load_unref(loaded);
    load_chain_free(&chain);
}
