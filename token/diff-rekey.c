/* SPDX-License-Identifier: Apache-2.0 */
/* Rekeys: by whom, how often, how, and who may be subordinate. */
#include "token/diff-parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "token/protocol.h"

static char *path_of(const struct diff_side *side, const char *member)
{
    return gk_format("rekey[%zu].%s", side->rekey_index, member);
}

static int line_of(const struct diff_side *side)
{
    return side->rekey ? side->token->rekeys[side->rekey_index].place.line : 0;
}

/* --- how often -------------------------------------------------------------------------------- */

static bool by_time(const struct token_rekey *rekey)
{
    return rekey->event_kind == TOKEN_TIME_ONLY || rekey->event_kind == TOKEN_TIME_AND_EVENT;
}

static bool by_count(const struct token_rekey *rekey)
{
    return rekey->event_kind == TOKEN_EVENT || rekey->event_kind == TOKEN_TIME_AND_EVENT;
}

/* Seldomer (1) or more often (-1), by time and by events; never is seldomest. */
static int order_time(const struct token_rekey *old, const struct token_rekey *new)
{
    if (!by_time(old) || !by_time(new))
        return by_time(old) - by_time(new);
    return diff_lives(&old->event_time, &new->event_time);
}

static int order_count(const struct token_rekey *old, const struct token_rekey *new)
{
    if (!by_count(old) || !by_count(new))
        return by_count(old) - by_count(new);
    return (new->event_count > old->event_count) - (new->event_count < old->event_count);
}

static const char *print_events(const struct token_rekey *rekey, char to[2 * DIFF_TEXT])
{
    char life[DIFF_TEXT];
    size_t at = 0;

    (void)snprintf(to, 2 * DIFF_TEXT, "never");
    if (by_time(rekey))
        at = (size_t)snprintf(to, 2 * DIFF_TEXT, "%s %s",
                              rekey->event_time.kind == TOKEN_LIFE_INTERVAL ? "every" : "by",
                              diff_life(&rekey->event_time, life));
    if (by_count(rekey))
        (void)snprintf(to + at, 2 * DIFF_TEXT - at, "%safter %" PRId64 " events", at ? " and " : "",
                       rekey->event_count);
    return to;
}

static void differ_events(struct differing *d)
{
    int time = order_time(d->old.rekey, d->new.rekey);
    int count = order_count(d->old.rekey, d->new.rekey);
    bool mixed = time == DIFF_OTHER || time * count < 0;
    char before[2 * DIFF_TEXT];
    char after[2 * DIFF_TEXT];

    if (!time && !count)
        return;
    diff_add(d, mixed ? TOKEN_CHANGED : diff_shorter(time + count), "rekey-events", false,
             path_of(&d->new, "rekeyEventDef"), line_of(&d->new), "keys change %s, did %s",
             print_events(d->new.rekey, after), print_events(d->old.rekey, before));
}

/* --- how -------------------------------------------------------------------------------------- */

static void differ_algorithms(struct differing *d)
{
    const struct token_rekey *old = d->old.rekey;
    const struct token_rekey *new = d->new.rekey;
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];

    if (old->signature != new->signature)
        diff_add(d, diff_strength(GK_REGISTRY_SIGNATURE, old->signature, new->signature),
                 "rekey-signature", false, path_of(&d->new, "rekeyMechanisms.sigAlgorithm"),
                 line_of(&d->new), "rekeys are signed with %s, were with %s",
                 diff_algorithm(GK_REGISTRY_SIGNATURE, new->signature, after),
                 diff_algorithm(GK_REGISTRY_SIGNATURE, old->signature, before));
    if (old->nonce_hash != new->nonce_hash)
        diff_add(d, diff_strength(GK_REGISTRY_NONCE_HASH, old->nonce_hash, new->nonce_hash),
                 "rekey-hash", false, path_of(&d->new, "rekeyMechanisms.hashAlgorithm"),
                 line_of(&d->new), "the hash of rekeys is %s, was %s",
                 diff_algorithm(GK_REGISTRY_NONCE_HASH, new->nonce_hash, after),
                 diff_algorithm(GK_REGISTRY_NONCE_HASH, old->nonce_hash, before));
}

/* Without LKH nobody can be evicted from the keys. */
static void differ_method(struct differing *d)
{
    const struct token_rekey *old = d->old.rekey;
    const struct token_rekey *new = d->new.rekey;
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];

    if (old->method != new->method)
        diff_add(d, new->method == TOKEN_METHOD_LKH ? TOKEN_STRONGER : TOKEN_WEAKER, "rekey-method",
                 false, path_of(&d->new, "rekeyMethod"), line_of(&d->new), "%s",
                 new->method == TOKEN_METHOD_LKH
                     ? "keys are changed by LKH, which shuts out who has left; before by nothing"
                     : "no method changes keys, before LKH did: who has left keeps them");
    else if (new->method == TOKEN_METHOD_LKH && old->lkh_key_type != new->lkh_key_type)
        diff_add(d, diff_strength(GK_REGISTRY_KEY, old->lkh_key_type, new->lkh_key_type),
                 "rekey-key-type", false, path_of(&d->new, "rekeyMethod.rekeyMethodInfo"),
                 line_of(&d->new), "keys of the tree are of type %s, were of %s",
                 diff_algorithm(GK_REGISTRY_KEY, new->lkh_key_type, after),
                 diff_algorithm(GK_REGISTRY_KEY, old->lkh_key_type, before));
}

static void differ_interval(struct differing *d)
{
    const struct token_life *old = &d->old.rekey->interval;
    const struct token_life *new = &d->new.rekey->interval;
    int order = diff_lives(old, new);
    char before[DIFF_TEXT];
    char after[DIFF_TEXT];

    /* No interval at all is the longest (profile 9.8). */
    if (order && order != DIFF_OTHER && new->kind == TOKEN_LIFE_INTERVAL &&
        (!old->value || !new->value))
        order = -order;
    if (order)
        diff_add(d, diff_shorter(order), "rekey-interval", false, path_of(&d->new, "rekeyInterval"),
                 0, "members miss a rekey after %s, did after %s", diff_life(new, after),
                 diff_life(old, before));
}

static const char *print_reliability(const struct token_rekey *rekey, char to[512])
{
    char text[320];

    switch (rekey->reliability) {
    case TOKEN_RELIABILITY_NONE:
        return "sent once";
    case TOKEN_RELIABILITY_RESEND:
        (void)snprintf(to, 512, "sent again %" PRId64 " times", rekey->resend);
        return to;
    case TOKEN_RELIABILITY_POST:
        (void)snprintf(to, 512, "posted at %s", gk_escape(text, sizeof text, rekey->post));
        return to;
    default:
        (void)snprintf(to, 512, "made reliable by the unknown %.100s", rekey->reliability_oid);
        return to;
    }
}

static bool same_reliability(const struct token_rekey *old, const struct token_rekey *new)
{
    if (old->reliability != new->reliability)
        return false;
    switch (new->reliability) {
    case TOKEN_RELIABILITY_RESEND:
        return old->resend == new->resend;
    case TOKEN_RELIABILITY_POST:
        return gk_octets_equal(old->post, new->post);
    case TOKEN_RELIABILITY_OTHER:
        return strcmp(old->reliability_oid, new->reliability_oid) == 0 &&
               gk_octets_equal(old->reliability_info, new->reliability_info);
    default:
        return true;
    }
}

static void differ_reliability(struct differing *d)
{
    char before[512];
    char after[512];

    if (!same_reliability(d->old.rekey, d->new.rekey))
        diff_add(d, TOKEN_CHANGED, "rekey-reliability", false, path_of(&d->new, "reliability"),
                 line_of(&d->new), "rekeys are %s, were %s", print_reliability(d->new.rekey, after),
                 print_reliability(d->old.rekey, before));
}

/* --- by whom ---------------------------------------------------------------------------------- */

static void differ_authorization(struct differing *d)
{
    static const struct diff_words words = {DIFF_AUTHORIZATION,
                                            "rekey-authority-added",
                                            "may newly sign rekeys and end the group, where a gCKS",
                                            "rekey-authority-removed",
                                            "may no longer sign rekeys or end the group",
                                            false,
                                            NULL,
                                            NULL};

    diff_pairs(d, &d->old.rekey->authorization, DIFF_LIST(d->old.rekey_index, 0),
               &d->new.rekey->authorization, DIFF_LIST(d->new.rekey_index, 0), &words);
}

/* --- subordinates ----------------------------------------------------------------------------- */

static bool is_autonomous(const struct diff_side *side)
{
    return side->rekey && side->rekey->scheme == TOKEN_SCHEME_AUTONOMOUS;
}

static void add_sub_gcks(const struct diff_side *side, struct cover *cover)
{
    for (size_t i = 0; i < side->token->registration_count; i++) {
        const struct token_register *policy = diff_register_of(side, i);

        for (size_t j = 0; policy && policy->has_sub_gcks && j < policy->sub_gcks_count; j++)
            cover_add(cover, &policy->sub_gcks[j], 0, DIFF_LIST(i, j));
    }
    cover_index(cover);
}

static void differ_sub_gcks(struct differing *d)
{
    static const struct diff_words words = {DIFF_SUB_GCKS,
                                            "subordinate-added",
                                            "newly among subGCKS",
                                            "subordinate-removed",
                                            "no longer among subGCKS",
                                            false,
                                            NULL,
                                            NULL};
    struct cover old = {.folded = false};
    struct cover new = {.folded = false};

    add_sub_gcks(&d->old, &old);
    add_sub_gcks(&d->new, &new);
    diff_covers(d, &old, &new, &words);
    cover_drop(&old);
    cover_drop(&new);
}

static void differ_subordinates(struct differing *d)
{
    static const struct diff_words words = {DIFF_AUTH_SUBS,
                                            "auth-sub-added",
                                            "newly among authSubs",
                                            "auth-sub-removed",
                                            "no longer among authSubs",
                                            false,
                                            NULL,
                                            NULL};
    bool was = is_autonomous(&d->old);
    bool is = is_autonomous(&d->new);

    if (was != is)
        diff_add(d, is ? TOKEN_WIDER : TOKEN_NARROWER,
                 is ? "subordinates-allowed" : "subordinates-ended", false,
                 d->new.rekey ? path_of(&d->new, "subGCKSInfo") : NULL, line_of(&d->new), "%s",
                 is ? "subordinates who are in both subGCKS and authSubs may serve the group "
                      "(autonomous)"
                    : "subordinates may no longer serve the group");
    else if (is) {
        diff_pairs(d, &d->old.rekey->auth_subs, DIFF_LIST(d->old.rekey_index, 0),
                   &d->new.rekey->auth_subs, DIFF_LIST(d->new.rekey_index, 0), &words);
        differ_sub_gcks(d);
    }
}

/* Schemes that are neither none nor autonomous are only told apart. */
static void differ_scheme(struct differing *d)
{
    const struct token_rekey *old = d->old.rekey;
    const struct token_rekey *new = d->new.rekey;
    bool same = old->scheme == new->scheme;

    if (same && new->scheme == TOKEN_SCHEME_OTHER)
        same = strcmp(old->scheme_oid, new->scheme_oid) == 0 &&
               gk_octets_equal(old->scheme_info, new->scheme_info);
    if (!same && is_autonomous(&d->old) == is_autonomous(&d->new))
        diff_add(d, TOKEN_CHANGED, "rekey-scheme", false, path_of(&d->new, "subGCKSInfo"),
                 line_of(&d->new), "subordinates are run by another scheme");
}

/* --- what is not in force (profile 11.10) ----------------------------------------------------- */

static const struct token_protocol *entry_at(const struct diff_side *side, size_t i)
{
    const struct token_protocol *entry =
        i < side->token->rekey_count ? &side->token->rekeys[i] : NULL;

    return entry && entry->kind == TOKEN_PROTOCOL_REKEY && entry->rekey != side->rekey ? entry
                                                                                       : NULL;
}

static bool same_entry(const struct token_protocol *a, const struct token_protocol *b)
{
    struct gk_writer one = {0};
    struct gk_writer other = {0};
    bool same = token_protocol_to_info(a, &one) && token_protocol_to_info(b, &other) &&
                gk_octets_equal(gk_writer_octets(&one), gk_writer_octets(&other));

    gk_writer_free(&one);
    gk_writer_free(&other);
    return same || a == b;
}

/* Another version may run a method that this one does not know. */
static void differ_entry(struct differing *d, size_t i)
{
    const struct token_protocol *old = entry_at(&d->old, i);
    const struct token_protocol *new = entry_at(&d->new, i);
    const struct token_protocol *one = new ? new : old;
    bool unknown;

    if ((!old && !new) || (old && new &&same_entry(old, new)))
        return;
    unknown = (old && old->rekey->method == TOKEN_METHOD_OTHER) ||
              (new &&new->rekey->method == TOKEN_METHOD_OTHER);
    diff_add(d, unknown ? TOKEN_CHANGED : TOKEN_SAME, "rekey-unused", !new,
             gk_format("rekey[%zu]", i), one->place.line, "%s rekey entry that is not in force",
             !new   ? "gone is a"
             : !old ? "new is a"
                    : "another content has a");
}

static void differ_unused(struct differing *d)
{
    size_t most = d->old.token->rekey_count > d->new.token->rekey_count ? d->old.token->rekey_count
                                                                        : d->new.token->rekey_count;

    for (size_t i = 0; i < most; i++)
        differ_entry(d, i);
}

void diff_rekey(struct differing *d)
{
    const struct diff_side *side = d->new.rekey ? &d->new : &d->old;

    differ_subordinates(d);
    differ_unused(d);
    if (!d->old.rekey != !d->new.rekey)
        diff_add(d, d->new.rekey ? TOKEN_STRONGER : TOKEN_WEAKER,
                 d->new.rekey ? "rekey-some" : "rekey-none", !d->new.rekey,
                 gk_format("rekey[%zu]", side->rekey_index), line_of(side), "%s",
                 d->new.rekey ? "the group's keys can be changed, could not before"
                              : "nothing changes the group's keys any more, and nobody may sign "
                                "rekeys");
    if (!d->old.rekey || !d->new.rekey)
        return;
    differ_authorization(d);
    differ_events(d);
    differ_method(d);
    differ_algorithms(d);
    differ_interval(d);
    differ_reliability(d);
    differ_scheme(d);
}
