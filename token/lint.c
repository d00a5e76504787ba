/* SPDX-License-Identifier: Apache-2.0 */
#include "token/lint-parts.h"

#include "token/lint-who.h"
#include "token/protocol.h"

const struct token_protocol *token_lint_rekey_in_force(const struct token *token, size_t *index)
{
    for (size_t i = 0; i < token->rekey_count; i++) {
        if (token->rekeys[i].kind != TOKEN_PROTOCOL_REKEY ||
            token->rekeys[i].rekey->method == TOKEN_METHOD_OTHER)
            continue;
        *index = i;
        return &token->rekeys[i];
    }
    return NULL;
}

static void lint_protocol(const struct token_linting *linting,
                          const struct token_protocol *protocol, size_t index)
{
    const struct token_protocol_row *row = token_protocol_row(protocol->kind);

    if (row)
        row->lint(linting, protocol, index);
}

/* --- what shows only in the whole ------------------------------------------------------ */

/* Profile 11.10: subGCKS alone admits nobody. */
static void lint_subordinates(const struct token_linting *linting)
{
    const struct token *token = linting->token;
    size_t index;
    const struct token_protocol *rekey = token_lint_rekey_in_force(token, &index);

    if (rekey && rekey->rekey->scheme == TOKEN_SCHEME_AUTONOMOUS)
        return;
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        if (join->kind == TOKEN_PROTOCOL_REGISTER && join->registration->sub_gcks_count)
            finding_add(linting->findings, "subordinates-idle",
                        finding_spot(&join->place,
                                     "registration[%zu].register.joinAuthorization.subGCKS", i),
                        "registration %zu names subordinates, and no autonomous scheme is in "
                        "force: nobody accepts keys from them",
                        i + 1);
    }
}

void token_lint(const struct token *token, struct findings *findings)
{
    const struct token_linting linting = {token, findings};

    for (size_t i = 0; i < token->registration_count; i++) {
        lint_protocol(&linting, &token->registrations[i].join, i);
        lint_protocol(&linting, &token->registrations[i].leave, i);
    }
    for (size_t i = 0; i < token->rekey_count; i++)
        lint_protocol(&linting, &token->rekeys[i], i);
    for (size_t i = 0; i < token->data_count; i++)
        lint_protocol(&linting, &token->datas[i], i);
    lint_subordinates(&linting);
    lint_who(&linting);
    token_lint_mechanisms(&linting);
    token_lint_leaving(&linting);
    token_lint_keys(&linting);
}
