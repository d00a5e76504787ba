/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/troupe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "token/cms.h"
#include "token/der.h"
#include "token/source.h"

static void must(bool good, const char *what, const struct gk_reason *why)
{
    if (good)
        return;
    printf("\n    troupe: %s: %s\n", what, why ? why->text : "?");
    abort();
}

/* What this module gives out lives as long as the program; the list keeps it reachable. */
static struct gk_octets kept(struct gk_writer *writer)
{
    char *hex = gk_hex(gk_writer_octets(writer));
    struct gk_octets octets = test_unhex(hex);

    free(hex);
    gk_writer_free(writer);
    return octets;
}

struct gk_mechanism troupe_mechanism(const struct troupe_plan *plan)
{
    return plan->mechanism.key_creation
               ? plan->mechanism
               : gk_suite_named(plan->suite ? plan->suite : "recommended")->mechanism;
}

static char *mechanism_source(const struct troupe_plan *plan)
{
    const struct gk_mechanism *m = &plan->mechanism;

    if (!m->key_creation)
        return gk_format("suite=\"%s\"", plan->suite ? plan->suite : "recommended");
    return gk_format("signature=\"%u\" nonce-hash=\"%u\" key-creation=\"%u\" key-wrap=\"%u\"",
                     m->signature, m->nonce_hash, m->key_creation, m->key_wrap);
}

static char *policy_source(const struct troupe *troupe, int edition, const char *exclude)
{
    char *mechanism = mechanism_source(&troupe->plan);
    char *root = gk_hex(gk_octets(troupe->root->key_id, sizeof troupe->root->key_id));
    char *line = exclude ? gk_format("<exclude dn=\"%s\"/>", exclude) : gk_strdup("");
    char *registrations =
        troupe->plan.registrations
            ? gk_strdup(troupe->plan.registrations)
            : gk_format("<registration><gcks dn=\"CN=GCKS,OU=Servers,O=Acme\"/>"
                        "<access><allow dn=\"CN=*,OU=Members,O=Acme\"/>%s</access>"
                        "<mechanism %s/></registration>",
                        line, mechanism);
    char *source =
        gk_format("<policy><group random=\"0102030405060708\" name=\"troupe\" edition=\"%d\"/>"
                  "<ca name=\"acme\" key-id=\"%s\"/>%s"
                  "<rekey %s/><data %s/></policy>",
                  edition, root, registrations,
                  troupe->plan.rekey ? troupe->plan.rekey : "every=\"1 h\" resend=\"0\"",
                  troupe->plan.data ? troupe->plan.data : "encryption=\"80000001\"");

    free(mechanism);
    free(root);
    free(line);
    free(registrations);
    return source;
}

struct gk_octets troupe_token_by(struct troupe *troupe, const struct test_party *owner, int edition,
                                 const char *exclude, gk_time at)
{
    char *source = policy_source(troupe, edition, exclude);
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(source), "troupe.xml", NULL, &why);
    struct gk_signer signer = {0};
    struct gk_writer der = {0};
    struct gk_writer out = {0};

    must(token != NULL, "source", &why);
    must(token_to_der(token, &der, &why), "DER", &why);
    must(gk_signer_open(&signer, owner->key, -1, NULL, &why), "owner's key", &why);
    must(cms_sign(gk_writer_octets(&der), &owner->certificate, 1, &signer, at, &out, &why),
         "signing", &why);
    gk_signer_free(&signer);
    gk_writer_free(&der);
    token_free(token);
    free(source);
    return kept(&out);
}

struct gk_octets troupe_token(struct troupe *troupe, int edition, const char *exclude, gk_time at)
{
    return troupe_token_by(troupe, troupe->owner, edition, exclude, at);
}

static enum test_key key_kind(uint16_t signature)
{
    switch (signature) {
    case 0:
        return TEST_DSA;
    case 2:
    case 49155:
        return TEST_P384;
    case 49154:
        return TEST_P256;
    case 49156:
        return TEST_RSA;
    default:
        return TEST_ED25519;
    }
}

/* Its certificates are signed with SHA-1 too. */
static bool is_suite_1(const struct troupe *troupe)
{
    return troupe_mechanism(&troupe->plan).signature == 0;
}

static const struct test_party *issue(struct troupe *troupe, const char *subject, unsigned seed)
{
    uint16_t signature = troupe_mechanism(&troupe->plan).signature;

    return test_ca_issue(troupe->root, &(struct test_want){.subject = subject,
                                                           .key = key_kind(signature),
                                                           .seed = seed,
                                                           .sha1 = is_suite_1(troupe)});
}

static const struct test_party *issue_second(struct troupe *troupe, const char *subject,
                                             const char *suite, struct gk_signer *signer,
                                             struct gk_octets certificates[1])
{
    uint16_t signature = gk_suite_named(suite)->mechanism.signature;
    const struct test_party *party = test_ca_issue(
        troupe->root, &(struct test_want){.subject = subject, .key = key_kind(signature)});
    struct gk_reason why = {0};

    must(gk_signer_open(signer, party->key, signature, NULL, &why), "second key", &why);
    certificates[0] = party->certificate;
    return party;
}

static void fill_policy(struct troupe *troupe)
{
    static const char value[] = "\x01\x02\x03\x04\x05\x06\x07\x08troupe";
    struct gk_mechanism mechanism = troupe_mechanism(&troupe->plan);
    struct gk_reason why = {0};

    must(gk_group_set(&troupe->policy.group, 2, gk_octets(value, sizeof value - 1), &why), "group",
         &why);
    troupe->policy.owner = gk_octets_of("CN=Owner,OU=Owners,O=Acme");
    troupe->policy.trust.roots = &troupe->root->certificate;
    troupe->policy.trust.root_count = 1;
    troupe->policy.skew = 300;
    troupe->policy.local.tolerate_suite_1 = rules_weak(&mechanism);
    troupe->policy.trust.tolerate_sha1 = rules_weak(&mechanism);
}

/* P-384 keys sign in two types. */
static int32_t key_type(const struct troupe *troupe, const struct gk_signer *instead)
{
    return instead ? -1 : troupe_mechanism(&troupe->plan).signature;
}

static void fill_gcks(struct troupe *troupe)
{
    struct gk_reason why = {0};

    troupe->gcks_party = issue(troupe, "CN=GCKS,OU=Servers,O=Acme", 3);
    troupe->gcks_certificates[0] = troupe->gcks_party->certificate;
    must(gk_signer_open(&troupe->gcks_signer, troupe->gcks_party->key,
                        key_type(troupe, troupe->plan.gcks_signer), NULL, &why),
         "server's key", &why);
    troupe->gcks_config = (struct gcks_config){
        .policy = &troupe->policy,
        .random = &troupe->random,
        .credential = {{troupe->plan.gcks_signer ? troupe->plan.gcks_signer : &troupe->gcks_signer,
                        troupe->gcks_certificates, 1}},
        .credential_count = 1,
        .rekey = {RIG_MULTICAST},
        .rekey_count = !troupe->plan.unicast,
        .rekey_to_members = troupe->plan.unicast || troupe->plan.both,
        .degree = troupe->plan.degree,
        .capacity = troupe->plan.capacity ? troupe->plan.capacity : 64,
        .message_limit = troupe->plan.message_limit,
        .packaging = troupe->plan.packaging,
        .rekey_on_join = troupe->plan.rekey_on_join,
        .queue_most = troupe->plan.queue_most,
        .jobs_most = troupe->plan.jobs_most,
        .single_group = true,
    };
    if (!troupe->plan.also)
        return;
    troupe->gcks_second =
        issue_second(troupe, "CN=GCKS,OU=Servers,O=Acme", troupe->plan.also,
                     &troupe->gcks_second_signer, troupe->gcks_second_certificates);
    troupe->gcks_config.credential[troupe->gcks_config.credential_count++] =
        (struct credential){&troupe->gcks_second_signer, troupe->gcks_second_certificates, 1};
}

struct troupe *troupe_new(const struct troupe_plan *plan)
{
    struct troupe *troupe = gk_alloc(1, sizeof *troupe);
    struct gk_reason why = {0};
    struct gk_turn turn = {0};
    struct gk_engine engine;
    struct gk_now now;

    troupe->plan = *plan;
    troupe->rig = rig_new(TEST_NOW);
    now = troupe->rig->now;
    now.utc += plan->gcks_off;
    troupe->random = test_random(plan->seed);
    troupe->root = test_ca_issue(NULL, &(struct test_want){.subject = "CN=Root,O=Acme",
                                                           .ca = true,
                                                           .key = is_suite_1(troupe) ? TEST_DSA : 0,
                                                           .sha1 = is_suite_1(troupe),
                                                           .seed = 1});
    troupe->owner = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=Owner,OU=Owners,O=Acme", .seed = 2});
    fill_policy(troupe);
    fill_gcks(troupe);
    troupe->token = troupe_token(troupe, 1, NULL, TEST_NOW - 1000);
    troupe->gcks = gcks_new(&troupe->gcks_config, troupe->token, &now, &turn, &why);
    must(troupe->gcks != NULL, "gcks_new", &why);
    engine = gcks_engine(troupe->gcks);
    (void)rig_add(troupe->rig, &engine);
    troupe->rig->node[0].utc_off = plan->gcks_off;
    rig_turn(troupe->rig, 0, &turn);
    for (unsigned i = 0; i < plan->members; i++) {
        char subject[64];

        (void)snprintf(subject, sizeof subject, "CN=m%u,OU=Members,O=Acme", i);
        (void)troupe_add(troupe, subject);
    }
    return troupe;
}

void troupe_free(struct troupe *troupe)
{
    rig_free(troupe->rig);
    gcks_free(troupe->gcks);
    for (unsigned i = 0; i < troupe->member_count; i++) {
        member_free(troupe->member[i].member);
        gk_signer_free(&troupe->member[i].signer);
        gk_signer_free(&troupe->member[i].second_signer);
    }
    gk_signer_free(&troupe->gcks_signer);
    gk_signer_free(&troupe->gcks_second_signer);
    free(troupe);
}

unsigned troupe_add(struct troupe *troupe, const char *subject)
{
    unsigned index = troupe->member_count++;
    struct troupe_part *part = &troupe->member[index];
    struct gk_reason why = {0};
    struct gk_engine engine;

    (void)snprintf(part->subject, sizeof part->subject, "%s", subject);
    part->party = issue(troupe, part->subject, 100 + index);
    part->certificates[0] = part->party->certificate;
    must(gk_signer_open(&part->signer, part->party->key,
                        key_type(troupe, troupe->plan.member_signer), NULL, &why),
         "member's key", &why);
    part->config = (struct member_config){
        .policy = &troupe->policy,
        .random = &troupe->random,
        .credential = {{troupe->plan.member_signer ? troupe->plan.member_signer : &part->signer,
                        part->certificates, 1}},
        .credential_count = 1,
        .mechanism = troupe_mechanism(&troupe->plan),
        .server = {{troupe->plan.tcp ? GK_TCP : GK_UDP, rig_address(0), 0}},
        .server_count = 1,
        .back_off_ms = 5000,
    };
    part->member = member_new(&part->config, &why);
    must(part->member != NULL, "member_new", &why);
    engine = member_engine(part->member);
    part->node = rig_add(troupe->rig, &engine);
    return index;
}

void troupe_rebuild(struct troupe *troupe, unsigned index)
{
    struct troupe_part *part = &troupe->member[index];
    struct gk_reason why = {0};

    rig_drop_jobs(troupe->rig, part->node);
    member_free(part->member);
    part->member = member_new(&part->config, &why);
    must(part->member != NULL, "member_new", &why);
    troupe->rig->node[part->node].engine = member_engine(part->member);
}

void troupe_equip(struct troupe *troupe, unsigned index, const char *suite)
{
    struct troupe_part *part = &troupe->member[index];

    part->second =
        issue_second(troupe, part->subject, suite, &part->second_signer, part->second_certificates);
    part->config.credential[part->config.credential_count++] =
        (struct credential){&part->second_signer, part->second_certificates, 1};
    troupe_rebuild(troupe, index);
}

void troupe_join(struct troupe *troupe, unsigned index)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[index].node);
    struct gk_reason why = {0};
    struct gk_turn turn = {0};

    must(member_join(troupe->member[index].member, &now, &turn, &why), "join", &why);
    rig_turn(troupe->rig, troupe->member[index].node, &turn);
}

void troupe_join_all(struct troupe *troupe)
{
    for (unsigned i = 0; i < troupe->member_count; i++) {
        troupe_join(troupe, i);
        rig_run(troupe->rig, 50);
    }
    rig_run(troupe->rig, 2000);
}

struct member_status troupe_member_status(const struct troupe *troupe, unsigned index)
{
    struct member_status status;

    member_get_status(troupe->member[index].member, &status);
    return status;
}

bool troupe_in(const struct troupe *troupe, unsigned index)
{
    return troupe_member_status(troupe, index).state == MEMBER_WAIT_EVENT;
}

struct gk_octets troupe_key(const struct troupe *troupe, unsigned index)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[index].node);
    struct member_key key;

    return member_key_at(troupe->member[index].member, 0, &now, &key) ? key.key : GK_NO_OCTETS;
}

struct gcks_status troupe_status(const struct troupe *troupe)
{
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gcks_status status;

    gcks_get_status(troupe->gcks, &now, &status);
    return status;
}

bool troupe_current(const struct troupe *troupe, unsigned index)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[index].node);
    struct gcks_status status = troupe_status(troupe);
    struct member_key key;

    for (size_t i = 0; i < status.gtpk_count; i++) {
        if (!member_key_at(troupe->member[index].member, i, &now, &key) ||
            key.id != status.gtpk[i].id || key.handle != status.gtpk[i].handle)
            return false;
    }
    return status.gtpk_count != 0;
}

bool troupe_agree(const struct troupe *troupe, int but)
{
    for (unsigned i = 0; i < troupe->member_count; i++) {
        if ((int)i != but && !(troupe_in(troupe, i) && troupe_current(troupe, i))) {
            printf("\n    member %u: %s, %s\n", i, troupe_in(troupe, i) ? "in" : "out",
                   troupe_current(troupe, i) ? "current" : "not current");
            return false;
        }
    }
    return true;
}

/* --- commands --------------------------------------------------------------------------- */

static bool carried_out(struct troupe *troupe, bool good, struct gk_turn *turn)
{
    if (good)
        rig_turn(troupe->rig, 0, turn);
    else
        gk_turn_free(turn);
    return good;
}

bool troupe_rekey(struct troupe *troupe)
{
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};
    struct gk_reason why;

    return carried_out(troupe, gcks_rekey(troupe->gcks, &now, &turn, &why), &turn);
}

bool troupe_evict(struct troupe *troupe, unsigned index)
{
    struct gk_octets name = gk_octets_of(troupe->member[index].subject);
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};
    struct gk_reason why;

    return carried_out(troupe, gcks_evict(troupe->gcks, &name, 1, &now, &turn, &why), &turn);
}

bool troupe_publish(struct troupe *troupe, struct gk_octets token, struct gk_reason *why)
{
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};

    return carried_out(troupe, gcks_publish(troupe->gcks, token, GCKS_ANYWAY, &now, &turn, why), &turn);
}

bool troupe_leave(struct troupe *troupe, unsigned index)
{
    struct troupe_part *part = &troupe->member[index];
    struct gk_now now = rig_now(troupe->rig, part->node);
    struct gk_turn turn = {0};
    struct gk_reason why;

    if (!member_leave(part->member, &now, &turn, &why))
        return false;
    rig_turn(troupe->rig, part->node, &turn);
    return true;
}

bool troupe_destroy(struct troupe *troupe)
{
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};
    struct gk_reason why;

    return carried_out(troupe, gcks_destroy(troupe->gcks, &now, &turn, &why), &turn);
}

void troupe_gcks_policy(struct troupe *troupe, const struct gk_octets *crls, size_t count)
{
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};

    gcks_local_policy(troupe->gcks, crls, count, &now, &turn);
    rig_turn(troupe->rig, 0, &turn);
}

void troupe_member_policy(struct troupe *troupe, unsigned index, const struct gk_octets *crls,
                          size_t count)
{
    struct troupe_part *part = &troupe->member[index];
    struct gk_now now = rig_now(troupe->rig, part->node);
    struct gk_turn turn = {0};

    member_local_policy(part->member, crls, count, &now, &turn);
    rig_turn(troupe->rig, part->node, &turn);
}

void troupe_restart_gcks(struct troupe *troupe)
{
    struct rig_node *node = &troupe->rig->node[0];
    struct gk_now now = rig_now(troupe->rig, 0);
    struct gk_turn turn = {0};
    struct gk_reason why = {0};

    rig_drop_jobs(troupe->rig, 0);
    gcks_free(troupe->gcks);
    troupe->gcks = gcks_restore(&troupe->gcks_config, node->records, node->record_count, false,
                                &now, &turn, &why);
    must(troupe->gcks != NULL, "gcks_restore", &why);
    node->engine = gcks_engine(troupe->gcks);
    rig_turn(troupe->rig, 0, &turn);
}

void troupe_restart_member(struct troupe *troupe, unsigned index)
{
    struct troupe_part *part = &troupe->member[index];
    struct rig_node *node = &troupe->rig->node[part->node];
    struct gk_now now = rig_now(troupe->rig, part->node);
    struct gk_turn turn = {0};
    struct gk_reason why = {0};

    rig_drop_jobs(troupe->rig, part->node);
    member_free(part->member);
    part->member =
        member_restore(&part->config, node->records, node->record_count, &now, &turn, &why);
    must(part->member != NULL, "member_restore", &why);
    node->engine = member_engine(part->member);
    rig_turn(troupe->rig, part->node, &turn);
}
