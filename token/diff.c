/* SPDX-License-Identifier: Apache-2.0 */
#include "token/diff.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/reason.h"
#include "token/diff-parts.h"

void diff_add(struct differing *d, enum token_effect effect, const char *code, bool in_old,
              char *path, int line, const char *format, ...)
{
    struct token_diff *diff = d->diff;
    struct token_difference *to;
    va_list list;

    /* Twice the room when it is full. */
    if ((diff->count & (diff->count + 1)) == 0)
        diff->at = gk_realloc(diff->at, 2 * diff->count + 2, sizeof *diff->at);
    to = &diff->at[diff->count++];
    *to = (struct token_difference){
        .effect = effect, .code = code, .in_old = in_old, .path = path, .line = line};
    if (!path)
        to->path = gk_strdup("");
    va_start(list, format);
    if (vasprintf(&to->text, format, list) < 0)
        abort();
    va_end(list);
}

/* --- the token itself ------------------------------------------------------------------------- */

static void differ_group(struct differing *d)
{
    const struct token *old = d->old.token;
    const struct token *new = d->new.token;

    if (old->version != new->version)
        diff_add(d, TOKEN_CHANGED, "token-version", false, gk_strdup("tokenInfo.tokenDefVersion"),
                 new->id_place.line,
                 "version %" PRId64 " of the token's definition, before %" PRId64, new->version,
                 old->version);
    if (!gk_octets_equal(old->group_name, new->group_name)) {
        char *hex = gk_hex(new->group_name);

        diff_add(d, TOKEN_CHANGED, "group", false, gk_strdup("tokenInfo.groupName"),
                 new->id_place.line, "the token is of another group, %.200s", hex);
        free(hex);
    }
}

/* Receivers take only newer ones (profile 11.5). */
static void differ_edition(struct differing *d)
{
    const struct token *old = d->old.token;
    const struct token *new = d->new.token;
    char *path = gk_strdup("tokenInfo.edition");

    if (!old->has_edition && !new->has_edition)
        free(path);
    else if (!new->has_edition)
        diff_add(d, TOKEN_CHANGED, "edition-older", false, path, new->id_place.line,
                 "no edition, before %" PRId64 ": who had that refuses the new token",
                 old->edition);
    else if (!old->has_edition)
        diff_add(d, TOKEN_SAME, "edition-newer", false, path, new->id_place.line,
                 "edition %" PRId64 ", before none: newer", new->edition);
    else if (new->edition > old->edition)
        diff_add(d, TOKEN_SAME, "edition-newer", false, path, new->id_place.line,
                 "edition %" PRId64 ", before %" PRId64 ": newer", new->edition, old->edition);
    else if (new->edition < old->edition)
        diff_add(d, TOKEN_CHANGED, "edition-older", false, path, new->id_place.line,
                 "edition %" PRId64 ", before %" PRId64
                 ": older, who had that refuses the new token",
                 new->edition, old->edition);
    else
        free(path);
}

static void differ_same_edition(struct differing *d)
{
    const struct token *old = d->old.token;
    const struct token *new = d->new.token;

    if (d->diff->count && old->has_edition && new->has_edition && old->edition == new->edition)
        diff_add(d, token_diff_none(d->diff) ? TOKEN_SAME : TOKEN_CHANGED, "edition-same", false,
                 gk_strdup("tokenInfo.edition"), new->id_place.line,
                 "both are edition %" PRId64 ": who has the one refuses the other", new->edition);
}

/* --- what this version does not know ---------------------------------------------------------- */

struct opaque {
    const struct token_protocol *protocol;
    const char *place;
    size_t index;
    bool leave;
};
struct opaques {
    size_t count;
    struct opaque *at;
};

static void add_opaque(struct opaques *to, const struct token_protocol *protocol, const char *place,
                       size_t index, bool leave)
{
    if (protocol->kind == TOKEN_PROTOCOL_OPAQUE)
        to->at[to->count++] = (struct opaque){protocol, place, index, leave};
}

static struct opaques opaques_of(const struct token *token)
{
    size_t most = 2 * token->registration_count + token->rekey_count + token->data_count;
    struct opaques to = {.at = gk_alloc(most, sizeof *to.at)};

    for (size_t i = 0; i < token->registration_count; i++) {
        add_opaque(&to, &token->registrations[i].join, "registration", i, false);
        add_opaque(&to, &token->registrations[i].leave, "registration", i, true);
    }
    for (size_t i = 0; i < token->rekey_count; i++)
        add_opaque(&to, &token->rekeys[i], "rekey", i, false);
    for (size_t i = 0; i < token->data_count; i++)
        add_opaque(&to, &token->datas[i], "data", i, false);
    return to;
}

static bool same_opaque(const struct opaque *a, const struct opaque *b)
{
    return strcmp(a->place, b->place) == 0 && a->leave == b->leave &&
           strcmp(a->protocol->oid, b->protocol->oid) == 0;
}

static void say_opaque(struct differing *d, const char *code, bool in_old,
                       const struct opaque *opaque, const char *what)
{
    const char *part = strcmp(opaque->place, "registration") != 0 ? ""
                       : opaque->leave                            ? ".de-register"
                                                                  : ".register";

    diff_add(d, TOKEN_CHANGED, code, in_old,
             gk_format("%s[%zu]%s", opaque->place, opaque->index, part),
             opaque->protocol->place.line, "%s: %.100s", what, opaque->protocol->oid);
}

/* In order: what they mean is unknown, so that their order may mean something. */
static void differ_opaque(struct differing *d)
{
    struct opaques old = opaques_of(d->old.token);
    struct opaques new = opaques_of(d->new.token);

    for (size_t i = 0; i < old.count || i < new.count; i++) {
        if (i < old.count && i < new.count &&same_opaque(&old.at[i], &new.at[i])) {
            if (!gk_octets_equal(old.at[i].protocol->info, new.at[i].protocol->info))
                say_opaque(d, "unknown-changed", false, &new.at[i],
                           "other octets of an unknown protocol");
            continue;
        }
        if (i < old.count)
            say_opaque(d, "unknown-removed", true, &old.at[i], "an unknown protocol is gone");
        if (i < new.count)
            say_opaque(d, "unknown-added", false, &new.at[i], "an unknown protocol is new");
    }
    free(old.at);
    free(new.at);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void fill(struct diff_side *side, const struct token *token)
{
    *side = (struct diff_side){.token = token, .exclusions = {.folded = true}};
    diff_ways_fill(side);
    for (size_t i = 0; i < token->rekey_count && !side->rekey; i++) {
        const struct token_protocol *protocol = &token->rekeys[i];

        if (protocol->kind != TOKEN_PROTOCOL_REKEY || protocol->rekey->method == TOKEN_METHOD_OTHER)
            continue;
        side->rekey = protocol->rekey;
        side->rekey_index = i;
    }
}

static void drop(struct diff_side *side)
{
    cover_drop(&side->exclusions);
    cover_drop(&side->access);
    free(side->way);
    free(side->by_algorithms);
}

struct token_diff *token_diff(const struct token *old, const struct token *new)
{
    struct differing d = {.diff = gk_alloc(1, sizeof *d.diff)};

    fill(&d.old, old);
    fill(&d.new, new);
    differ_group(&d);
    differ_edition(&d);
    diff_registrations(&d);
    diff_ways(&d);
    diff_rekey(&d);
    diff_data(&d);
    differ_opaque(&d);
    differ_same_edition(&d);
    drop(&d.old);
    drop(&d.new);
    return d.diff;
}

void token_diff_free(struct token_diff *diff)
{
    if (!diff)
        return;
    for (size_t i = 0; i < diff->count; i++) {
        free(diff->at[i].path);
        free(diff->at[i].text);
    }
    free(diff->at);
    free(diff);
}

size_t token_diff_count(const struct token_diff *diff, enum token_effect effect)
{
    size_t count = 0;

    for (size_t i = 0; i < diff->count; i++)
        count += diff->at[i].effect == effect;
    return count;
}

bool token_diff_none(const struct token_diff *diff)
{
    return token_diff_count(diff, TOKEN_SAME) == diff->count;
}

const char *token_effect_name(enum token_effect effect)
{
    static const char *const names[TOKEN_EFFECTS] = {"same meaning", "changed",  "narrower",
                                                     "wider",        "stronger", "weaker"};

    return names[effect];
}
