/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/rules-maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"

struct token_mechanism *case_mechanism(struct rules_case *c, int64_t signature, int64_t nonce_hash,
                                       int64_t key_creation, int64_t key_wrap)
{
    struct token_mechanism *mechanism =
        token_append(c->token, (void **)&c->registration->mechanisms,
                     &c->registration->mechanism_count, sizeof *mechanism);

    mechanism->signature = signature;
    mechanism->nonce_hash = nonce_hash;
    mechanism->key_creation = key_creation;
    mechanism->key_wrap = key_wrap;
    mechanism->time_out = (struct token_life){TOKEN_LIFE_INTERVAL, 30};
    mechanism->terse = true;
    return mechanism;
}

struct token_registration *case_registration(struct rules_case *c)
{
    struct token_registration *registration =
        token_append(c->token, (void **)&c->token->registrations, &c->token->registration_count,
                     sizeof *registration);

    c->registration = token_alloc(c->token, 1, sizeof *c->registration);
    registration->join.kind = TOKEN_PROTOCOL_REGISTER;
    registration->join.oid = TOKEN_OID_REGISTER;
    registration->join.registration = c->registration;
    c->registration->transport = TOKEN_UDP;
    c->entry = token_append(c->token, (void **)&c->registration->access,
                            &c->registration->access_count, sizeof *c->entry);
    return registration;
}

struct token_rekey *case_rekey(struct rules_case *c)
{
    struct token_protocol *protocol = token_append(c->token, (void **)&c->token->rekeys,
                                                   &c->token->rekey_count, sizeof *protocol);

    c->rekey = token_alloc(c->token, 1, sizeof *c->rekey);
    protocol->kind = TOKEN_PROTOCOL_REKEY;
    protocol->oid = TOKEN_OID_REKEY;
    protocol->rekey = c->rekey;
    c->rekey->signature = 49153;
    c->rekey->nonce_hash = 49153;
    c->rekey->method = TOKEN_METHOD_LKH;
    c->rekey->lkh_key_type = 49154;
    c->rekey->interval = (struct token_life){TOKEN_LIFE_INTERVAL, 7200};
    c->rekey->reliability = TOKEN_RELIABILITY_NONE;
    c->rekey->scheme = TOKEN_SCHEME_NONE;
    return c->rekey;
}

static void set_key(struct rules_case *c, struct token_key_info *key, const char *id)
{
    key->present = id;
    if (id)
        key->key_id = token_octets(c->token, test_unhex(id));
}

struct token_data *case_data(struct rules_case *c, const char *authentication_id,
                             const char *encryption_id)
{
    struct token_protocol *protocol =
        token_append(c->token, (void **)&c->token->datas, &c->token->data_count, sizeof *protocol);

    c->data = token_alloc(c->token, 1, sizeof *c->data);
    protocol->kind = TOKEN_PROTOCOL_DATA;
    protocol->oid = TOKEN_OID_DATA;
    protocol->data = c->data;
    set_key(c, &c->data->authentication, authentication_id);
    set_key(c, &c->data->encryption, encryption_id);
    return c->data;
}

struct rules_case *case_new(void)
{
    static const struct test_party *root;
    struct rules_case *c = gk_alloc(1, sizeof *c);

    if (!root)
        root = test_ca_new("CN=Root of rules");
    c->root = root;
    c->token = token_new();
    c->token->version = 1;
    c->token->has_edition = true;
    c->token->edition = 1;
    (void)case_registration(c);
    (void)case_mechanism(c, 49153, 49153, 49153, 49154);
    (void)case_rekey(c);
    (void)case_data(c, NULL, "80000001");
    return c;
}

void case_free(struct rules_case *c)
{
    rules_free(c->rules);
    token_free(c->token);
    findings_free(&c->findings);
    for (size_t i = 0; i < c->people; i++)
        pki_identity_free(c->person[i]);
    free(c);
}

void case_pair_of(struct rules_case *c, struct token_pairs *pairs, int64_t type,
                  struct gk_octets id, struct gk_octets ca)
{
    struct token_pair *pair =
        token_append(c->token, (void **)&pairs->at, &pairs->count, sizeof *pair);

    pair->id_type = type;
    pair->id = token_octets(c->token, id);
    pair->ca = token_octets(c->token, ca);
}

void case_pair(struct rules_case *c, struct token_pairs *pairs, const char *name)
{
    case_pair_of(c, pairs, 31, gk_octets_of(name),
                 gk_octets(c->root->key_id, sizeof c->root->key_id));
}

void case_exclude(struct rules_case *c, const char *name)
{
    c->entry->has_exclusions = true;
    case_pair(c, &c->entry->exclusions_rule, name);
}

bool case_rules(struct rules_case *c)
{
    rules_free(c->rules);
    findings_free(&c->findings);
    memset(&c->why, 0, sizeof c->why);
    c->rules = rules_new(c->token, &c->local, &c->findings, &c->why);
    return c->rules;
}

bool case_refused(struct rules_case *c, const char *code)
{
    if (!case_rules(c) && c->why.code && strcmp(c->why.code, code) == 0)
        return true;
    printf("\n    %s: %s\n", c->why.code ? c->why.code : "taken", c->why.text);
    return false;
}

struct pki_identity *case_identity(struct rules_case *c, const struct test_party *party)
{
    struct pki_trust trust = {.roots = &c->root->certificate, .root_count = 1};
    struct pki_identity **identity = &c->person[c->people];

    if (c->people == sizeof c->person / sizeof c->person[0] ||
        !pki_validate(&trust, &party->certificate, 1, NULL, 0, TEST_NOW, identity, NULL)) {
        fprintf(stderr, "rules-maker: no identity for %s\n", party->name);
        exit(2);
    }
    c->people++;
    return *identity;
}

struct pki_identity *case_person(struct rules_case *c, const char *name)
{
    return case_identity(c, test_ca_issue(c->root, &(struct test_want){.subject = name}));
}
