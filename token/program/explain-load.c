/* SPDX-License-Identifier: Apache-2.0 */
/* explain: tokens as hosts take them, and certificates with their paths. */
#include "token/program/explain.h"

#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 512

/* --- tokens ----------------------------------------------------------------------------------- */

static bool verify(struct explain *explain, struct explained *to, struct gk_reason *why)
{
    struct trust *trust = explain->trust;
    struct gk_secret file = {0};
    bool good;

    if (!load_file(to->path, &file, why))
        return false;
    good = trust_group(trust, gk_secret_octets(&file), why);
    if (good && trust->last && !trust_last(trust, why)) {
        gk_secret_free(&file);
        return false;
    }
    if (good)
        to->loaded = load_token(gk_secret_octets(&file), &trust->policy,
                                trust->last ? &trust->mark : NULL, trust->now, why);
    else
        (void)token_kind_explain(gk_secret_octets(&file), TOKEN_KIND_SIGNED,
                                 "a signed token, which --owner demands", why);
    gk_secret_free(&file);
    if (!to->loaded)
        return false;
    to->verified = true;
    to->rules = to->loaded->rules;
    to->token = to->loaded->token;
    return true;
}

static bool only_read(struct explain *explain, struct explained *to, struct gk_reason *why)
{
    if (!either_load(&to->either, to->path, why))
        return false;
    to->token = to->either.token;
    to->own = rules_new(to->token, &explain->trust->policy.local, NULL, why);
    to->rules = to->own;
    return to->own != NULL;
}

bool explained_load(struct explain *explain, struct explained *to, const char *path,
                    struct gk_reason *why)
{
    *to = (struct explained){.path = path};
    return explain->trust->owner ? verify(explain, to, why) : only_read(explain, to, why);
}

void explained_free(struct explained *token)
{
    rules_free(token->own);
    load_unref(token->loaded);
    either_free(&token->either);
}

char *explained_text(const struct explained *token)
{
    char *group = gk_hex(token->token->group_name);
    char path[NAME_ROOM];
    char edition[40] = "without edition";
    char *text;

    if (token->token->has_edition)
        (void)snprintf(edition, sizeof edition, "edition %lld", (long long)token->token->edition);
    text = gk_format("%s: group %s, %s, %s",
                     gk_escape(path, sizeof path, gk_octets_of(token->path)), group, edition,
                     token->verified ? "verified" : "the token itself was not verified");
    free(group);
    return text;
}

json_t *explained_json(const struct explained *token)
{
    char *group = gk_hex(token->token->group_name);
    char path[NAME_ROOM];
    json_t *json = json_pack(
        "{s:s, s:s, s:o, s:b}", "file", gk_escape(path, sizeof path, gk_octets_of(token->path)),
        "group", group, "edition",
        token->token->has_edition ? json_integer(token->token->edition) : json_null(), "verified",
        token->verified);

    free(group);
    if (!json)
        abort(); /* out of memory: sizes are bounded */
    return json;
}

/* --- certificates ----------------------------------------------------------------------------- */

bool explain_person(const struct explain *explain, const char *path, struct pki_identity **to,
                    bool *refused, struct gk_reason *why)
{
    const struct trust *trust = explain->trust;
    struct gk_octets at[2 * LIST_MAX];
    struct list list = {0};
    size_t count;

    *refused = false;
    if (!load_certificates(path, &list, why)) {
        list_free(&list);
        return false;
    }
    list_octets(&list, at);
    list_octets(&explain->chain, at + list.count);
    count = list.count + explain->chain.count;
    *refused = !pki_validate(&trust->policy.trust, at, count, NULL, 0, trust->now, to, why);
    list_free(&list);
    return !*refused;
}
