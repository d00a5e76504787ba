/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of judgements over a signed token, as text and as JSON. */
#include "token/program/verify-chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "token/name.h"
#include "token/json.h"

#define NAME_ROOM 1024

static const char *const step_names[LOAD_STEPS] = {"form",  "signer", "path",
                                                   "owner", "age",    "content"};

/* --- what is said of a good step ------------------------------------------------------------- */

static void say(struct gk_writer *to, const char *text)
{
    gk_write_octets(to, gk_octets_of(text));
}

static void say_octets(struct gk_writer *to, struct gk_octets text)
{
    char room[NAME_ROOM];

    say(to, gk_escape(room, sizeof room, text));
}

static void say_hex(struct gk_writer *to, struct gk_octets octets)
{
    char *hex = gk_hex(octets);

    say(to, hex);
    free(hex);
}

static void say_subject(struct gk_writer *to, struct gk_octets certificate)
{
    struct gk_writer name = {0};

    if (name_of_certificate(certificate, &name, NULL))
        say_octets(to, gk_writer_octets(&name));
    else
        say(to, "a certificate without a usable name");
    gk_writer_free(&name);
}

static void say_form(const struct load_chain *chain, struct gk_writer *to)
{
    char *text = gk_format("a SignedData in strict DER, %zu octets, %zu certificate%s",
                           chain->tried->octets.size, chain->cms.certificate_count,
                           chain->cms.certificate_count == 1 ? "" : "s");

    say(to, text);
    free(text);
}

static void say_signer(const struct load_chain *chain, struct gk_writer *to)
{
    say_subject(to, chain->cms.signer);
    say(to, " signed it with ");
    say(to, chain->cms.algorithm);
}

static void say_path(const struct load_chain *chain, struct gk_writer *to)
{
    const struct pki_identity *owner = chain->tried->owner;
    char stamp[GK_STAMP_SIZE + 1];

    if (!owner->issuer_count)
        say(to, "the certificate is itself a trusted root");
    for (size_t i = 0; i < owner->issuer_count; i++) {
        say(to, i == 0 ? "issued by " : ", issued by ");
        say(to, i + 1 == owner->issuer_count ? "the trusted root " : "");
        say_subject(to, owner->issuers[i]);
    }
    gk_stamp_format(owner->valid_until, stamp);
    say(to, "; good until ");
    say(to, stamp);
}

static void say_owner(const struct load_chain *chain, struct gk_writer *to)
{
    const struct pki_identity *owner = chain->tried->owner;

    say_octets(to, owner->name);
    say(to, " under CA ");
    say_hex(to, gk_octets(owner->issuer, sizeof owner->issuer));
    say(to, ", certificate SHA-256 ");
    say_hex(to, gk_octets(owner->fingerprint, sizeof owner->fingerprint));
}

static void say_mark(const struct load_mark *mark, struct gk_writer *to)
{
    char stamp[GK_STAMP_SIZE + 1];
    char *text;

    gk_stamp_format(mark->signing_time, stamp);
    text = mark->has_edition ? gk_format("edition %lld, signed %s", (long long)mark->edition, stamp)
                             : gk_format("no edition, signed %s", stamp);
    say(to, text);
    free(text);
}

static void say_age(const struct load_chain *chain, const struct load_mark *last,
                    struct gk_writer *to)
{
    const struct load_mark *mark = &chain->tried->mark;

    say_mark(mark, to);
    if (!last) {
        say(to, "; compared with the clock only, no last token is given");
    } else if (memcmp(last->hash, mark->hash, sizeof mark->hash) == 0) {
        say(to, "; the very octets that were accepted last");
    } else {
        say(to, "; the last accepted has ");
        say_mark(last, to);
    }
}

static void say_content(const struct load_chain *chain, struct gk_writer *to)
{
    say(to, "a policy for group ");
    say_hex(to, chain->tried->token->group_name);
    say(to, ", which this version runs");
}

static void say_good(enum load_step step, const struct load_chain *chain,
                     const struct load_mark *last, struct gk_writer *to)
{
    switch (step) {
    case LOAD_FORM:
        say_form(chain, to);
        break;
    case LOAD_SIGNER:
        say_signer(chain, to);
        break;
    case LOAD_PATH:
        say_path(chain, to);
        break;
    case LOAD_OWNER:
        say_owner(chain, to);
        break;
    case LOAD_AGE:
        say_age(chain, last, to);
        break;
    case LOAD_CONTENT:
    case LOAD_STEPS:
        say_content(chain, to);
        break;
    }
}

static void say_step(enum load_step step, const struct chain_report *report, struct gk_writer *to)
{
    if (report->chain->verdict[step] == LOAD_GOOD)
        say_good(step, report->chain, report->last, to);
    else if (report->chain->verdict[step] == LOAD_BAD)
        say(to, report->why->text);
}

/* The bad one, LOAD_STEPS when none is. */
static enum load_step bad_step(const struct load_chain *chain)
{
    enum load_step step = LOAD_FORM;

    while (step < LOAD_STEPS && chain->verdict[step] != LOAD_BAD)
        step++;
    return step;
}

/* --- the two forms ---------------------------------------------------------------------------- */

void chain_text(const struct chain_report *report, struct gk_writer *to)
{
    enum load_step bad = bad_step(report->chain);

    for (enum load_step step = LOAD_FORM; step < LOAD_STEPS; step++) {
        struct gk_writer text = {0};
        char *line;

        say_step(step, report, &text);
        if (report->chain->verdict[step] == LOAD_NOT_JUDGED)
            line = gk_format("%-8s not judged: the %s is bad\n", step_names[step],
                             bad < LOAD_STEPS ? step_names[bad] : "chain");
        else
            line = gk_format("%-8s %s: %.*s\n", step_names[step], step == bad ? "bad" : "good",
                             (int)text.size, (const char *)text.data);
        say(to, line);
        free(line);
        gk_writer_free(&text);
    }
}

/* Foreign text that is no UTF-8 comes escaped. */
static json_t *text_of(struct gk_octets octets)
{
    json_t *text = json_stringn((const char *)octets.data, octets.size);
    char room[NAME_ROOM];

    return text ? text : json_string(gk_escape(room, sizeof room, octets));
}

static json_t *step_json(enum load_step step, const struct chain_report *report)
{
    static const char *const verdicts[] = {"not judged", "good", "bad"};
    enum load_verdict verdict = report->chain->verdict[step];
    struct gk_writer text = {0};
    json_t *object = json_object();

    say_step(step, report, &text);
    token_json_set(object, "step", json_string(step_names[step]));
    token_json_set(object, "verdict", json_string(verdicts[verdict]));
    if (verdict == LOAD_NOT_JUDGED && bad_step(report->chain) < LOAD_STEPS)
        token_json_set(object, "because", json_string(step_names[bad_step(report->chain)]));
    if (verdict != LOAD_NOT_JUDGED)
        token_json_set(object, "says", text_of(gk_writer_octets(&text)));
    if (verdict == LOAD_BAD) {
        token_json_set(object, "code", json_string(report->why->code));
        token_json_set(object, "offset",
                       report->why->offset == GK_NO_OFFSET
                           ? json_null()
                           : json_integer((json_int_t)report->why->offset));
    }
    gk_writer_free(&text);
    return object;
}

/* What is known of the token once all steps are good. */
static void put_token(json_t *object, const struct loaded *loaded)
{
    char stamp[GK_STAMP_SIZE + 1];
    char *group = gk_hex(loaded->token->group_name);

    gk_stamp_format(loaded->mark.signing_time, stamp);
    token_json_set(object, "group", json_string(group));
    token_json_set(object, "edition",
                   loaded->mark.has_edition ? json_integer(loaded->mark.edition) : json_null());
    token_json_set(object, "signed", json_string(stamp));
    free(group);
}

static json_t *warnings_json(const struct findings *findings)
{
    json_t *array = json_array();

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->at[i];

        if (finding->rule->severity < FINDING_ERROR)
            token_json_append(
                array, json_pack("{s:s, s:s}", "rule", finding->rule->id, "text", finding->text));
    }
    return array;
}

void chain_json(const struct chain_report *report, struct gk_writer *to)
{
    json_t *root = json_object();
    json_t *steps = json_array();

    token_json_set(root, "file", text_of(gk_octets_of(report->file)));
    token_json_set(root, "verdict", json_string(report->good ? "good" : "bad"));
    for (enum load_step step = LOAD_FORM; step < LOAD_STEPS; step++)
        token_json_append(steps, step_json(step, report));
    token_json_set(root, "steps", steps);
    if (report->good)
        put_token(root, report->chain->tried);
    token_json_set(root, "warnings", warnings_json(&report->chain->tried->findings));
    token_json_write(root, 2, to);
}
