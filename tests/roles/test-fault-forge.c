/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each message of a registration and of a rekey, cut at every octet, for another group, by
 * another signer: nothing changes, and the honest message that comes behind is taken.
 */
#include <limits.h>
#include <stdlib.h>

#include "tests/roles/fault.h"

enum kind { RTJ, KEYDL, ACK, REKEY, TOKEN, END, KINDS };

static const uint8_t exchange_of[KINDS] = {GK_REQUEST_TO_JOIN, GK_KEY_DOWNLOAD, GK_KEY_DOWNLOAD_ACK,
                                           GK_REKEY_EVENT,     GK_REKEY_EVENT,  GK_REKEY_EVENT};

/* Two members; the message of that kind is on its way to or from the second, and kept. */
struct stage {
    struct troupe *troupe;
    enum kind kind;
    struct fault fault;
    size_t from, to;
    struct gk_octets octets;
    const struct test_party *sender;
};

static void registers(struct stage *stage)
{
    troupe_join(stage->troupe, 1);
    rig_run(stage->troupe->rig, 100);
}

static void changes(struct stage *stage)
{
    struct gk_reason why = {0};

    fault_set(stage->troupe, NULL);
    registers(stage);
    fault_set(stage->troupe, &stage->fault);
    if (stage->kind == REKEY)
        CU_ASSERT_TRUE(troupe_rekey(stage->troupe));
    if (stage->kind == TOKEN)
        CU_ASSERT_TRUE(
            troupe_publish(stage->troupe, troupe_token(stage->troupe, 2, NULL, TEST_NOW), &why));
    if (stage->kind == END)
        CU_ASSERT_TRUE(troupe_destroy(stage->troupe));
    rig_run(stage->troupe->rig, 100);
}

static struct stage *stage_of(enum kind kind, const char *suite)
{
    struct stage *stage = gk_alloc(1, sizeof *stage);
    bool to_gcks = kind == RTJ || kind == ACK;

    stage->troupe =
        troupe_new(&(struct troupe_plan){.members = 2, .seed = 200 + kind, .suite = suite});
    stage->kind = kind;
    stage->from = to_gcks ? 2 : 0;
    stage->to = to_gcks ? 0 : 2;
    stage->sender = to_gcks ? stage->troupe->member[1].party : stage->troupe->gcks_party;
    stage->fault = (struct fault){.exchange = exchange_of[kind],
                                  .from = stage->from,
                                  .to = stage->to,
                                  .count = UINT_MAX,
                                  .deed = FAULT_KEEP};
    troupe_join(stage->troupe, 0);
    rig_run(stage->troupe->rig, 1000);
    fault_set(stage->troupe, &stage->fault);
    if (kind <= ACK)
        registers(stage);
    else
        changes(stage);
    CU_ASSERT_EQUAL_FATAL(stage->fault.kept_count, 1);
    if (kind >= REKEY)
        rig_run(stage->troupe->rig, 5000); /* for the other member the event is over */
    stage->octets = gk_secret_octets(&stage->fault.kept[0].octets);
    return stage;
}

/* The honest message has its effect still. */
static void stage_end(struct stage *stage)
{
    struct troupe *troupe = stage->troupe;

    fault_release(troupe, &stage->fault, 0);
    rig_run(troupe->rig, 10);
    fault_set(troupe, NULL);
    CU_ASSERT_TRUE(stage->kind == END ? troupe_member_status(troupe, 1).ended
                                      : troupe_agree(troupe, -1));
    if (stage->kind <= ACK) {
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
        CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    }
    if (stage->kind == TOKEN)
        CU_ASSERT_EQUAL(troupe_member_status(troupe, 1).edition, 2);
    fault_forget(&stage->fault);
    troupe_free(troupe);
    free(stage);
}

/* To its receiver, and to everybody else. */
static void attack(struct stage *stage, struct gk_octets octets)
{
    /* Members validate one path a second. */
    if (stage->kind >= REKEY)
        rig_run(stage->troupe->rig, 1000);
    for (size_t to = 0; to < 3; to++)
        fault_deliver(stage->troupe, stage->from, to, octets);
}

/* --- cuts ------------------------------------------------------------------------------- */

static void cut_everywhere(enum kind kind)
{
    struct stage *stage = stage_of(kind, NULL);
    struct gk_writer cut = {0};
    struct fault_view before;

    fault_look(stage->troupe, &before);
    for (size_t size = 0; size < stage->octets.size; size++) {
        for (int told = 0; told < 2; told++) {
            gk_writer_cut(&cut, 0);
            fault_cut(stage->octets, size, told, &cut);
            fault_deliver(stage->troupe, stage->from, stage->to, gk_writer_octets(&cut));
        }
    }
    CU_ASSERT_TRUE(fault_nothing_changed(stage->troupe, &before));
    gk_writer_free(&cut);
    stage_end(stage);
}

static void cut_at_every_octet(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        cut_everywhere((enum kind)kind);
}

/* --- other groups --------------------------------------------------------------------------- */

/* Signed by the right key: the Group ID alone is wrong. */
static void of_another_group(void)
{
    for (int kind = 0; kind < KINDS; kind++) {
        struct stage *stage = stage_of((enum kind)kind, NULL);
        struct fault_view before;

        fault_look(stage->troupe, &before);
        attack(stage, fault_forge(stage->octets,
                                  &(struct fault_change){.key = stage->sender, .group = 1}));
        CU_ASSERT_TRUE(fault_nothing_changed(stage->troupe, &before));
        stage_end(stage);
    }
}

/* --- other signers ---------------------------------------------------------------------------- */

struct villains {
    const struct test_party *member;   /* another member, with a right to be one */
    const struct test_party *server;   /* another name among the servers */
    const struct test_party *stranger; /* nobody's name */
    const struct test_party *twin;     /* the sender's name, issued by another CA of the path */
    const struct test_party *foreign;  /* the same under a root that nobody trusts */
    const struct test_party *ca;       /* the twin's */
};

static struct villains villains_of(const struct stage *stage)
{
    const struct test_party *root = stage->troupe->root;
    const struct test_party *ca = test_ca_issue(
        root, &(struct test_want){.subject = "CN=Sub,O=Acme", .ca = true, .seed = 900});
    const struct test_party *other = test_ca_new("CN=Root,O=Acme");
    enum test_key key =
        stage->troupe->plan.suite ? TEST_P256 : TEST_ED25519; /* "p256" and "recommended" */

    return (struct villains){
        .ca = ca,
        .member = stage->troupe->member[0].party,
        .server = test_ca_issue(
            root,
            &(struct test_want){.subject = "CN=GCKS2,OU=Servers,O=Acme", .key = key, .seed = 901}),
        .stranger = test_ca_issue(
            root, &(struct test_want){.subject = "CN=Nobody,O=Acme", .key = key, .seed = 902}),
        .twin = test_ca_issue(
            ca, &(struct test_want){.subject = stage->sender->name, .key = key, .seed = 903}),
        .foreign = test_ca_issue(
            other, &(struct test_want){.subject = stage->sender->name, .key = key, .seed = 904}),
    };
}

/* With whose key, under whose name, with whose certificate. */
static void by(struct stage *stage, const struct test_party *villain, const struct test_party *ca,
               gk_time later)
{
    struct gk_message message;
    struct fault_change change = {.key = villain, .issuer = ca};

    CU_ASSERT_TRUE_FATAL(gk_message_parse(&message, stage->octets, NULL, GK_EXCHANGE_ANY, NULL));
    change.stamp = message.signature.stamp + later;
    if (message.rekey_count && stage->kind != END)
        change.event_stamp = message.rekey[0].stamp + later;
    attack(stage, fault_forge(stage->octets, &change)); /* claims to be the sender */
    change.certificate = villain;
    attack(stage, fault_forge(stage->octets, &change));
    change.certificate = NULL;
    change.besides = villain;
    attack(stage, fault_forge(stage->octets, &change));
    if (stage->kind == RTJ)
        return; /* under one's own name that is an honest one */
    change.signer_id = villain->name;
    attack(stage, fault_forge(stage->octets, &change));
    change.besides = NULL;
    change.certificate = villain;
    attack(stage, fault_forge(stage->octets, &change));
}

static void by_other_signers(enum kind kind, const char *suite)
{
    struct stage *stage = stage_of(kind, suite);
    struct villains villains = villains_of(stage);
    struct fault_view before;

    fault_look(stage->troupe, &before);
    for (gk_time later = 0; later <= 1; later++) {
        by(stage, villains.member, NULL, later);
        by(stage, villains.server, NULL, later);
        by(stage, villains.stranger, NULL, later);
        by(stage, villains.foreign, NULL, later);
        /* Another identity, but the rules admit its name under any CA of the path: it may ask
         * for itself, hand out keys of its own, and end the group (profile 4.8, 9.11). */
        if (kind != RTJ && kind != KEYDL && kind != END)
            by(stage, villains.twin, villains.ca, later);
    }
    CU_ASSERT_TRUE(fault_nothing_changed(stage->troupe, &before));
    stage_end(stage);
}

static void by_another_signer(void)
{
    for (int kind = 0; kind < KINDS; kind++)
        by_other_signers((enum kind)kind, NULL);
}

/* A name is an identity only with its CA: the twin's RTJ is its own and leaves the member's
 * registration alone, whichever comes first. */
static void a_twin_is_somebody_else(void)
{
    struct stage *stage = stage_of(RTJ, NULL);
    struct villains villains = villains_of(stage);
    struct troupe *troupe = stage->troupe;

    fault_deliver(troupe, 1, 0,
                  fault_forge(stage->octets, &(struct fault_change){.key = villains.twin,
                                                                    .certificate = villains.twin,
                                                                    .issuer = villains.ca,
                                                                    .stamp = TEST_NOW + 60}));
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 1);
    fault_release(troupe, &stage->fault, 0);
    rig_run(troupe->rig, 10);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 1); /* the twin's still */
    fault_forget(&stage->fault);
    troupe_free(troupe);
    free(stage);
}

/* By the right key, with a stamp of the past: no event, and no end. */
static void by_the_server_but_wrong(void)
{
    struct stage *stage = stage_of(REKEY, NULL);
    struct troupe *troupe = stage->troupe;
    struct fault_view before;
    struct fault_change change = {.key = stage->sender, .event_stamp = TEST_NOW - 100};

    fault_look(troupe, &before);
    attack(stage, fault_forge(stage->octets, &change));
    change = (struct fault_change){
        .key = stage->sender, .sequence = GK_SEQUENCE_END, .event_stamp = TEST_NOW - 100};
    attack(stage, fault_forge(stage->octets, &change));
    change.empty_event = true;
    attack(stage, fault_forge(stage->octets, &change));
    CU_ASSERT_TRUE(fault_nothing_changed(troupe, &before));
    stage_end(stage);
}

const struct test_suite suite_fault_forge = {
    "fault_forge",
    {
        {"cut at every octet", cut_at_every_octet},
        {"of another group", of_another_group},
        {"by another signer", by_another_signer},
        {"a twin is somebody else", a_twin_is_somebody_else},
        {"by the server, but wrong", by_the_server_but_wrong},
        {NULL, NULL},
    }};
