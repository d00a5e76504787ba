/* SPDX-License-Identifier: Apache-2.0 */
/* What the page begins with: whose policy it is, what of it was checked, and what it comes to. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/utf8.h"
#include "token/algorithm.h"
#include "token/mechanism.h"
#include "token/name.h"
#include "token/render-html-part.h"

#define NAMES_MOST 3 /* in a sentence */

/* --- the head --------------------------------------------------------------------- */

struct gk_octets html_spoken_name(struct gk_octets group)
{
    struct gk_octets tail;

    if (group.size <= 8 || html_ascii(group))
        return group;
    tail = gk_octets(group.data + 8, group.size - 8);
    return gk_utf8_is(tail) ? tail : group;
}

static void put_time(xmlNode *at, gk_time time)
{
    struct token_life life = {TOKEN_LIFE_GT, time};
    struct gk_writer words = {0};

    token_render_life(&life, &words);
    html_put(at, "%.*s", (int)words.size, (const char *)words.data);
    gk_writer_free(&words);
}

static void put_signer(xmlNode *at, const struct cms *cms)
{
    struct gk_writer name = {0};

    if (name_of_certificate(cms->signer, &name, NULL))
        html_foreign(at, gk_writer_octets(&name));
    else
        html_put(at, "a certificate without a usable name");
    gk_writer_free(&name);
}

static void put_signed(xmlNode *at, const struct cms *cms)
{
    html_put(at, "A signed token. ");
    put_signer(at, cms);
    html_put(at, " signed it with %s at ", cms->algorithm);
    put_time(at, cms->signing_time);
    html_put(at, ", and the signature fits the certificate that the file itself brings. Whether "
                 "that is the Group Owner\u2019s and was valid then, and whether this is the "
                 "newest edition, nobody has asked here: ");
    html_say(at, "code", "gsakmp-token verify");
    html_put(at, " answers that.");
    if (cms->sha1)
        html_weak(at, "the signature is over SHA-1");
}

static void put_status(struct html *html, xmlNode *parent)
{
    xmlNode *at = html_element(parent, "div");
    xmlNode *line = html_element(at, "p");

    html_attribute(at, "class", "status");
    html_say(line, "b", "Nothing on this page was verified.");
    html_put(line, " It tells what a file says.");
    line = html_element(at, "p");
    if (html->origin->cms)
        put_signed(line, html->origin->cms);
    else if (html->origin->source)
        html_put(line, "A policy source: a draft that nobody has signed, and that is in force "
                       "nowhere. It becomes a token when it is compiled and signed.");
    else
        html_put(line, "An unsigned token: nobody has signed it, and it is in force nowhere.");
}

void html_head(struct html *html)
{
    const struct token *token = html->token;
    xmlNode *head = html_element(html->main, "header");
    xmlNode *title = html_element(head, "h1");
    struct gk_octets name = html_spoken_name(token->group_name);

    html_put(title, "Policy of the group ");
    html_foreign(title, name);
    if (token->has_edition)
        html_put(title, ", edition %" PRId64, token->edition);
    else
        html_put(title, ", without an edition");
    if (html->origin->name) {
        title = html_element(head, "p");
        html_put(title, "File ");
        html_foreign(title, gk_octets_of(html->origin->name));
    }
    put_status(html, head);
}

/* --- sentences ---------------------------------------------------------------------- */

static const char *s(size_t count)
{
    return count == 1 ? "" : "s";
}

static xmlNode *answer(xmlNode *list, const char *question)
{
    if (question)
        html_say(list, "dt", question);
    return html_element(list, "dd");
}

static void put_names(xmlNode *at, const struct token_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count && i < NAMES_MOST; i++) {
        struct gk_writer words = {0};

        html_identity(&pairs->at[i], &words);
        html_put(at, "%s", i ? "; " : "");
        html_foreign(at, gk_writer_octets(&words));
        gk_writer_free(&words);
    }
    if (pairs->count > NAMES_MOST)
        html_put(at, "; and %zu more", pairs->count - NAMES_MOST);
}

static void put_joining(xmlNode *at, const struct token_register *policy)
{
    size_t rules = 0, patterns = 0, levels = 0;

    for (size_t i = 0; i < policy->access_count; i++) {
        const struct token_pairs *allowed = &policy->access[i].access_rule;

        levels += policy->access[i].has_permissions;
        rules += allowed->count;
        for (size_t j = 0; j < allowed->count; j++)
            patterns += html_is_pattern(&allowed->at[j]);
    }
    if (!rules) {
        html_put(at, "Nobody: no rule admits anybody.");
        return;
    }
    html_put(at, "Whoever fits %s%zu rule%s, in %zu entr%s. ", rules == 1 ? "" : "one of ", rules,
             s(rules), policy->access_count, policy->access_count == 1 ? "y" : "ies");
    if (rules == 1 && patterns)
        html_put(at, "It has a wildcard: all whom it fits are admitted. ");
    else if (patterns)
        html_put(at, "%zu of the rules ha%s a wildcard: all whom it fits are admitted. ", patterns,
                 patterns == 1 ? "s" : "ve");
    if (levels)
        html_put(at, "%zu of the entries ask%s for permissions besides. ", levels,
                 levels == 1 ? "s" : "");
}

static void put_kept_out(xmlNode *at, const struct token *token)
{
    size_t out = 0;

    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        for (size_t j = 0;
             join->kind == TOKEN_PROTOCOL_REGISTER && j < join->registration->access_count; j++)
            out += join->registration->access[j].exclusions_rule.count;
    }
    if (out)
        html_put(at, "%zu exclusion%s keep%s out, whatever admits, and from every role.", out,
                 s(out), out == 1 ? "s" : "");
    else
        html_put(at, "Nobody is excluded by name.");
}

static void put_senders(xmlNode *at, const struct token_register *policy)
{
    if (!policy->senders_limited)
        html_put(at, "All members.");
    else if (!policy->senders.count)
        html_put(at, "Nobody: the list of senders is empty.");
    else
        html_put(at, "Only members who fit %s%zu senders rule%s: ",
                 policy->senders.count == 1 ? "" : "one of ", policy->senders.count,
                 s(policy->senders.count));
    if (policy->senders_limited)
        put_names(at, &policy->senders);
}

static void put_mechanisms(xmlNode *at, const struct token_register *policy)
{
    size_t weak = 0;

    for (size_t i = 0; i < policy->mechanism_count; i++) {
        const struct token_mechanism *mechanism = &policy->mechanisms[i];

        weak += (mechanism->suite && strcmp(mechanism->suite, TOKEN_OID_SUITE_1) == 0) ||
                (!mechanism->suite &&
                 (token_algorithm_weakness(GK_REGISTRY_SIGNATURE, mechanism->signature) ||
                  token_algorithm_weakness(GK_REGISTRY_NONCE_HASH, mechanism->nonce_hash) ||
                  token_algorithm_weakness(GK_REGISTRY_KEY_CREATION, mechanism->key_creation) ||
                  token_algorithm_weakness(GK_REGISTRY_KEY, mechanism->key_wrap)));
    }
    html_put(at, "%zu join mechanism%s, ", policy->mechanism_count, s(policy->mechanism_count));
    if (weak)
        html_put(at, "%zu with a weakness: look for the mark \u201cweak\u201d below.", weak);
    else
        html_put(at, "%s a weakness that is known here.",
                 policy->mechanism_count == 1 ? "without" : "none of them with");
}

static void put_one(xmlNode *list, const struct token *token, size_t i)
{
    const struct token_protocol *join = &token->registrations[i].join;
    const struct token_rekey *rekey = html_rekey(token);
    bool subordinates = rekey && rekey->scheme == TOKEN_SCHEME_AUTONOMOUS;
    xmlNode *at = answer(list, "Who may join");

    if (join->kind != TOKEN_PROTOCOL_REGISTER) {
        html_put(at, "The protocol of registration %zu is not known to this version.", i + 1);
        return;
    }
    put_joining(at, join->registration);
    put_kept_out(at, token);
    at = answer(list, "Who hands out keys");
    if (!join->registration->gcks.count)
        html_put(at, "Nobody.");
    put_names(at, &join->registration->gcks);
    if (subordinates && rekey->auth_subs.count)
        html_put(at, "; below %s, subordinate key servers that %zu rule%s name%s.",
                 join->registration->gcks.count == 1 ? "it" : "them", rekey->auth_subs.count,
                 s(rekey->auth_subs.count), rekey->auth_subs.count == 1 ? "s" : "");
    put_senders(answer(list, "Who may send"), join->registration);
    put_mechanisms(answer(list, "How joining is protected"), join->registration);
}

/* --- rekey and keys ------------------------------------------------------------------- */

static void put_life(xmlNode *at, const struct token_life *life, const char *every,
                     const char *until)
{
    struct gk_writer words = {0};

    if (life->kind == TOKEN_LIFE_INTERVAL && life->value > 0)
        token_render_span(life->value, &words);
    else
        token_render_life(life, &words);
    html_put(at, "%s %.*s", life->kind == TOKEN_LIFE_INTERVAL ? every : until, (int)words.size,
             (const char *)words.data);
    gk_writer_free(&words);
}

static void put_events(xmlNode *at, const struct token_rekey *rekey)
{
    if (rekey->event_kind == TOKEN_NEVER) {
        html_put(at, "Only when an operator says so. ");
        return;
    }
    if (rekey->event_kind != TOKEN_EVENT)
        put_life(at, &rekey->event_time, "Every", "Once, by");
    if (rekey->event_kind != TOKEN_TIME_ONLY)
        html_put(at, "%s%" PRId64 " departure%s or eviction%s",
                 rekey->event_kind == TOKEN_EVENT ? "After " : ", and after ", rekey->event_count,
                 rekey->event_count == 1 ? "" : "s", rekey->event_count == 1 ? "" : "s");
    html_put(at, ". ");
}

static void put_rekey(xmlNode *at, const struct token *token)
{
    const struct token_rekey *rekey = html_rekey(token);

    if (!rekey) {
        html_put(at, "Never by itself: no rekey protocol that this version knows is in force.");
        return;
    }
    put_events(at, rekey);
    if (rekey->method == TOKEN_METHOD_NONE)
        html_put(at, "The method is none: members get new keys only by registering again. ");
    put_life(at, &rekey->interval, "A member that has heard of none for",
             "A member that has heard of none by");
    html_put(at, " registers again.");
}

static void put_key(xmlNode *at, const struct token_key_info *key, const char *use, size_t *count)
{
    char *hex;

    if (!key->present)
        return;
    hex = gk_hex(gk_octets(key->key_id.data, key->key_id.size > 8 ? 8 : key->key_id.size));
    html_put(at, "%s%s (%s%s)", (*count)++ ? "; " : "", use, hex, key->key_id.size > 8 ? "…" : "");
    if (key->has_expiration)
        put_life(at, &key->expiration, ", which expires after", ", which expires at");
    free(hex);
}

static void put_data(xmlNode *at, const struct token *token)
{
    size_t count = 0;

    for (size_t i = 0; i < token->data_count && count < 2 * NAMES_MOST; i++) {
        const struct token_protocol *protocol = &token->datas[i];

        if (protocol->kind != TOKEN_PROTOCOL_DATA)
            continue;
        put_key(at, &protocol->data->authentication, "one for authentication", &count);
        put_key(at, &protocol->data->encryption, "one for encryption", &count);
    }
    if (!count)
        html_put(at, "None that this version knows");
    html_put(at, count >= 2 * NAMES_MOST ? ", and more." : ".");
}

void html_summary(struct html *html)
{
    const struct token *token = html->token;
    xmlNode *section = html_element(html->main, "section");
    xmlNode *list;

    html_say(section, "h2", "In short");
    if (token->registration_count > 1)
        html_put(html_element(section, "p"),
                 "There are %zu registrations; this is about the first.",
                 token->registration_count);
    list = html_element(section, "dl");
    if (token->registration_count)
        put_one(list, token, 0);
    else
        html_put(answer(list, "Who may join"), "Nobody: there is no registration.");
    put_rekey(answer(list, "When keys change"), token);
    put_data(answer(list, "Keys of the group\u2019s data"), token);
}
