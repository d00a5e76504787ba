/* SPDX-License-Identifier: Apache-2.0 */
/* explain: what one certificate may be under one token. */
#include "token/program/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/registry.h"

#define NEAR_ROOM 640
#define NAME_ROOM 1024

/* What was asked and answered; the forms only print. */
struct answer {
    const char *name;
    char what[GK_MECHANISM_TEXT]; /* of a mechanism */
    size_t registration;          /* of a mechanism or registration; RULES_ANY: any */
    struct rules_verdict verdict;
    bool has_near;
    char near[NEAR_ROOM];
};

struct answers {
    const struct explain *explain;
    const struct pki_identity *identity;
    bool may; /* join by some mechanism */
    bool excluded;
    struct rules_verdict exclusion;
    struct answer role[ASK_ROLES];
    size_t registration_count, mechanism_count;
    struct answer *registration, *mechanism;
};

/* --- asking ----------------------------------------------------------------------------------- */

static void seek_near(const struct answers *answers, struct answer *answer, enum ask_role role)
{
    if (answer->verdict.granted || answers->excluded)
        return;
    answer->has_near = ask_near(answers->explain->token[0].rules, role, answer->registration,
                                answers->identity, answer->near, sizeof answer->near);
}

static void ask_each_role(struct answers *answers)
{
    const struct rules *rules = answers->explain->token[0].rules;
    struct rules_verdict verdicts[ASK_ROLES];
    unsigned may = ask_roles(rules, RULES_ANY, answers->identity, verdicts);

    answers->may = may & ASK_BIT(ASK_JOIN);
    for (int role = 0; role < ASK_ROLES; role++) {
        struct answer *answer = &answers->role[role];

        *answer = (struct answer){.name = ask_role_name((enum ask_role)role),
                                  .registration = RULES_ANY,
                                  .verdict = verdicts[role]};
        seek_near(answers, answer, (enum ask_role)role);
    }
}

/* Where there are several, each decides about the members of its own mechanisms. */
static void ask_each_registration(struct answers *answers)
{
    const struct explained *token = &answers->explain->token[0];
    size_t count = token->token->registration_count;

    answers->registration = gk_alloc(count, sizeof *answers->registration);
    for (size_t i = 0; count > 1 && i < count; i++) {
        struct answer *answer = &answers->registration[answers->registration_count++];

        *answer = (struct answer){.name = "member", .registration = i};
        (void)rules_member(token->rules, i, answers->identity, &answer->verdict);
        seek_near(answers, answer, ASK_MEMBER);
    }
}

static void ask_each_mechanism(struct answers *answers)
{
    const struct rules *rules = answers->explain->token[0].rules;
    const struct rules_terms *terms = rules_terms(rules);

    answers->mechanism = gk_alloc(terms->mechanism_count, sizeof *answers->mechanism);
    answers->mechanism_count = terms->mechanism_count;
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        struct answer *answer = &answers->mechanism[i];

        *answer = (struct answer){.name = "join", .registration = terms->mechanism[i].registration};
        (void)gk_mechanism_format(&terms->mechanism[i].algorithms, answer->what);
        (void)ask_join(rules, answers->identity, i, &answer->verdict);
    }
}

/* "Ed25519": the signature types that the key can make. */
static char *key_of(const struct pki_identity *identity)
{
    const struct gk_registry_entry *row;
    struct gk_writer to = {0};

    for (size_t i = 0; (row = gk_registry_at(GK_REGISTRY_SIGNATURE, i)); i++) {
        const struct gk_signature_scheme *scheme = gk_signature_find(row->value);

        if (!scheme || !scheme->run || !gk_signature_takes(scheme->type, identity->spki, NULL))
            continue;
        gk_write_octets(&to, gk_octets_of(to.size ? ", " : ""));
        gk_write_octets(&to, gk_octets_of(scheme->name));
    }
    gk_write_u8(&to, '\0');
    return (char *)gk_writer_take(&to).data;
}

/* --- as text ---------------------------------------------------------------------------------- */

static void put(struct gk_writer *to, char *text)
{
    gk_write_octets(to, gk_octets_of(text));
    free(text);
}

static void put_answer(struct gk_writer *to, const char *name, const struct answer *answer)
{
    put(to, gk_format("%-12s %-4s %s\n", name, answer->verdict.granted ? "yes" : "no",
                      answer->verdict.rule));
    if (answer->has_near)
        put(to, gk_format("%-12s      nearest: %s\n", "", answer->near));
}

static void put_person(struct gk_writer *to, const struct pki_identity *identity)
{
    char *ca = gk_hex(gk_octets(identity->issuer, PKI_KEY_ID_SIZE));
    char *key = key_of(identity);
    char name[NAME_ROOM];

    put(to, gk_format("%s, issued by the CA %s, signs with %s\n",
                      gk_escape(name, sizeof name, identity->name), ca, *key ? key : "nothing"));
    free(key);
    free(ca);
}

static void write_text(const struct answers *answers, struct gk_writer *to)
{
    char name[64];

    put_person(to, answers->identity);
    put(to, explained_text(&answers->explain->token[0]));
    gk_write_u8(to, '\n');
    put(to, gk_format("%-12s %-4s %s\n", "excluded", answers->excluded ? "yes" : "no",
                      answers->exclusion.rule));
    for (int role = 0; role < ASK_ROLES; role++)
        put_answer(to, answers->role[role].name, &answers->role[role]);
    for (size_t i = 0; i < answers->registration_count; i++) {
        put(to, gk_format("as a member of registration %zu:\n",
                          answers->registration[i].registration + 1));
        put_answer(to, "", &answers->registration[i]);
    }
    for (size_t i = 0; i < answers->mechanism_count; i++) {
        const struct answer *answer = &answers->mechanism[i];

        (void)snprintf(name, sizeof name, "mechanism %zu", i + 1);
        put(to, gk_format("%-12s %-4s %s: %s\n", name, answer->verdict.granted ? "yes" : "no",
                          answer->what, answer->verdict.rule));
    }
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static json_t *made(json_t *value)
{
    if (!value)
        abort(); /* out of memory: sizes are bounded */
    return value;
}

static json_t *answer_json(const struct answer *answer)
{
    return made(json_pack("{s:b, s:s, s:o}", "granted", answer->verdict.granted, "rule",
                          answer->verdict.rule, "nearest",
                          answer->has_near ? json_string(answer->near) : json_null()));
}

static void add(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) < 0)
        abort();
}

static json_t *roles_json(const struct answers *answers)
{
    json_t *roles = made(json_object());

    for (int role = 0; role < ASK_ROLES; role++) {
        if (json_object_set_new(roles, answers->role[role].name,
                                answer_json(&answers->role[role])) < 0)
            abort();
    }
    return roles;
}

static json_t *numbered_json(const struct answer *at, size_t count, bool mechanisms)
{
    json_t *list = made(json_array());

    for (size_t i = 0; i < count; i++) {
        json_t *one = answer_json(&at[i]);

        if (json_object_set_new(one, "registration", json_integer((json_int_t)at[i].registration)) <
                0 ||
            (mechanisms && json_object_set_new(one, "mechanism", json_string(at[i].what)) < 0))
            abort();
        add(list, one);
    }
    return list;
}

static json_t *person_json(const struct answers *answers)
{
    const struct pki_identity *identity = answers->identity;
    char *ca = gk_hex(gk_octets(identity->issuer, PKI_KEY_ID_SIZE));
    char *key = key_of(identity);
    char name[NAME_ROOM];
    char file[NAME_ROOM];
    json_t *json = made(
        json_pack("{s:s, s:s, s:s, s:s}", "file",
                  gk_escape(file, sizeof file, gk_octets_of(answers->explain->certificate)), "name",
                  gk_escape(name, sizeof name, identity->name), "cA", ca, "signs-with", key));

    free(key);
    free(ca);
    return json;
}

static json_t *whole_json(const struct answers *answers)
{
    return made(json_pack(
        "{s:o, s:o, s:b, s:{s:b, s:s}, s:o, s:o, s:o}", "certificate", person_json(answers),
        "token", explained_json(&answers->explain->token[0]), "may-join", answers->may, "excluded",
        "granted", answers->excluded, "rule", answers->exclusion.rule, "roles", roles_json(answers),
        "registrations", numbered_json(answers->registration, answers->registration_count, false),
        "mechanisms", numbered_json(answers->mechanism, answers->mechanism_count, true)));
}

/* --- the whole -------------------------------------------------------------------------------- */

static int tell(const struct answers *answers)
{
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    int status;

    if (answers->explain->json) {
        status = deliver_json(whole_json(answers));
    } else {
        write_text(answers, &to);
        status = deliver(NULL, gk_writer_octets(&to), &why);
    }
    gk_writer_free(&to);
    return status == DONE && !answers->may ? REFUSED : status;
}

static int ask_all(const struct explain *explain, const struct pki_identity *identity)
{
    struct answers answers = {.explain = explain, .identity = identity};
    int status;

    answers.excluded = rules_excluded(explain->token[0].rules, identity, &answers.exclusion);
    ask_each_role(&answers);
    ask_each_registration(&answers);
    ask_each_mechanism(&answers);
    status = tell(&answers);
    free(answers.registration);
    free(answers.mechanism);
    return status;
}

int explain_one(const struct explain *explain)
{
    struct pki_identity *identity = NULL;
    struct gk_reason why = {0};
    bool refused;
    int status;

    if (!explain_person(explain, explain->certificate, &identity, &refused, &why)) {
        (void)complain_of(explain->certificate, &why);
        return refused ? REFUSED : NOT_RUN;
    }
    status = ask_all(explain, identity);
    pki_identity_free(identity);
    return status;
}
