/* SPDX-License-Identifier: Apache-2.0 */
/* The member engine against the known answers: a whole registration and what follows it. */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "roles/member.h"
#include "tests/roles/rig.h"
#include "tests/vectors.h"

/* Yields what the vectors' member drew: its Key Creation secret, then Nonce_I. */
struct script {
    struct gk_octets draws[2];
    size_t next;
};

static void fill_script(void *context, uint8_t *to, size_t size)
{
    struct script *script = context;

    if (script->next < 2 && script->draws[script->next].size == size)
        memcpy(to, script->draws[script->next++].data, size);
    else
        memset(to, 0, size); /* the back-off */
}

struct scene {
    struct rig *rig;
    struct load_policy policy;
    struct gk_octets root;
    struct gk_octets certificates[2];
    struct script script;
    struct gk_random random;
    struct gk_signer signer;
    struct member_config config;
    struct member *member;
    struct gk_peer server;
};

static void scene_config(struct scene *scene)
{
    static const char *const owner = "CN=Owner,OU=Owners,O=Acme,C=US";

    scene->root = vector_octets("entities/root/certificate");
    scene->certificates[0] = vector_octets("entities/m1/certificate");
    scene->certificates[1] = vector_octets("entities/inter/certificate");
    CU_ASSERT_TRUE_FATAL(gk_group_set(&scene->policy.group, 2, vector_octets("group/value"), NULL));
    scene->policy.owner = gk_octets_of(owner);
    scene->policy.trust.roots = &scene->root;
    scene->policy.trust.root_count = 1;
    scene->policy.skew = 300;
    scene->script.draws[0] = vector_octets("key_creation/2/member_secret");
    scene->script.draws[1] = vector_octets("nonces/nonce_i");
    scene->random = (struct gk_random){fill_script, &scene->script};
    CU_ASSERT_TRUE_FATAL(
        gk_signer_open_seed(&scene->signer, vector_octets("entities/m1/seed"), NULL));
    scene->config = (struct member_config){
        .policy = &scene->policy,
        .random = &scene->random,
        .credential = {{&scene->signer, scene->certificates, 2}},
        .credential_count = 1,
        .mechanism = gk_suite_named("recommended")->mechanism,
        .server = {{GK_UDP, rig_address(9), 0}},
        .server_count = 1,
    };
    scene->server = scene->config.server[0];
}

static struct scene *scene_new(void)
{
    struct scene *scene = gk_alloc(1, sizeof *scene);
    struct gk_reason why = {0};
    struct gk_turn turn = {0};
    struct gk_engine engine;
    gk_time now;

    CU_ASSERT_TRUE_FATAL(gk_stamp_parse(gk_octets_of(vector_text("now")), &now));
    scene->rig = rig_new(now);
    scene_config(scene);
    scene->member = member_new(&scene->config, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene->member);
    engine = member_engine(scene->member);
    (void)rig_add(scene->rig, &engine);
    CU_ASSERT_TRUE(member_join(scene->member, &scene->rig->now, &turn, &why));
    rig_turn(scene->rig, 0, &turn);
    return scene;
}

static void scene_free(struct scene *scene)
{
    rig_free(scene->rig);
    member_free(scene->member);
    gk_signer_free(&scene->signer);
    free(scene);
}

static void take(struct scene *scene, const char *path)
{
    rig_deliver(scene->rig, 0, &scene->server, vector_octets(path));
}

static struct scene *joined(void)
{
    struct scene *scene = scene_new();

    take(scene, "messages/KeyDL");
    return scene;
}

static enum member_state state_of(const struct scene *scene)
{
    struct member_status status;

    member_get_status(scene->member, &status);
    return status.state;
}

static bool holds(const struct scene *scene, const char *datum)
{
    struct member_key key;
    struct gk_writer out = {0};
    struct gk_key_datum have;
    bool same;

    if (!member_key_at(scene->member, 0, &scene->rig->now, &key))
        return false;
    have = (struct gk_key_datum){key.type, key.id, key.handle, key.created, key.expires, key.key};
    gk_key_datum_write(&have, &out);
    same = gk_octets_equal(gk_writer_octets(&out), vector_octets(datum));
    gk_writer_free(&out);
    return same;
}

static void registration_octet_for_octet(void)
{
    struct scene *scene = scene_new();

    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_MEMBERSHIP);
    CU_ASSERT_HEX(rig_last_sent(scene->rig, 0, GK_REQUEST_TO_JOIN), vector_text("messages/RTJ"));
    take(scene, "messages/KeyDL");
    CU_ASSERT_HEX(rig_last_sent(scene->rig, 0, GK_KEY_DOWNLOAD_ACK),
                  vector_text("messages/KeyDL-A~1F ACK"));
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_EVENT);
    CU_ASSERT_TRUE(holds(scene, "keys/gtpk"));
    scene_free(scene);
}

static void every_packaging_of_the_rekey(void)
{
    static const char *const messages[] = {"messages/Rekey Event",
                                           "messages/Rekey Event, pair by pair",
                                           "messages/Rekey Event with token"};

    for (size_t i = 0; i < 3; i++) {
        struct scene *scene = joined();
        struct member_status status;

        take(scene, messages[i]);
        CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
        CU_ASSERT_FALSE(holds(scene, "keys/gtpk"));
        member_get_status(scene->member, &status);
        CU_ASSERT_EQUAL(status.sequence, 1);
        CU_ASSERT_EQUAL(status.edition, i == 2 ? 2 : 1);
        rig_run(scene->rig, 10000);
        CU_ASSERT_PTR_NULL(rig_noticed(scene->rig, 0, "out-of-step"));
        scene_free(scene);
    }
}

static void token_only_changes_no_key(void)
{
    struct scene *scene = joined();
    struct member_status status;

    take(scene, "messages/Rekey Event, token only");
    member_get_status(scene->member, &status);
    CU_ASSERT_EQUAL(status.edition, 2);
    CU_ASSERT_TRUE(holds(scene, "keys/gtpk"));
    rig_run(scene->rig, 10000);
    CU_ASSERT_FALSE(status.out_of_step);
    scene_free(scene);
}

static void destruction_wipes_and_is_final(void)
{
    struct scene *scene = joined();
    struct member_status status;
    struct member_key key;
    struct gk_turn turn = {0};
    struct gk_reason why;

    take(scene, "messages/Rekey Event, destruction");
    member_get_status(scene->member, &status);
    CU_ASSERT_TRUE(status.ended);
    CU_ASSERT_EQUAL(status.state, MEMBER_IDLE);
    CU_ASSERT_FALSE(member_key_at(scene->member, 0, &scene->rig->now, &key));
    CU_ASSERT_FALSE(member_join(scene->member, &scene->rig->now, &turn, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "group-ended");
    gk_turn_free(&turn);
    scene_free(scene);
}

/* Every octet of a Key Download changed, one at a time: no membership, no answer. */
static void a_changed_keydl_joins_nobody(void)
{
    struct gk_octets keydl = vector_octets("messages/KeyDL");

    for (size_t at = 0; at < keydl.size; at += 1 + at / 64) {
        struct scene *scene = scene_new();
        struct gk_secret copy = gk_secret_copy(keydl);

        copy.data[at] ^= 0x20;
        rig_deliver(scene->rig, 0, &scene->server, gk_secret_octets(&copy));
        /* Octets behind the signature are not signed: another certificate is of no use, and
         * an untouched one still proves the server. */
        if (state_of(scene) != MEMBER_WAIT_MEMBERSHIP) {
            CU_ASSERT_TRUE(holds(scene, "keys/gtpk"));
            CU_ASSERT_TRUE(at > keydl.size - 900);
        }
        gk_secret_free(&copy);
        scene_free(scene);
    }
}

static void a_cut_keydl_joins_nobody(void)
{
    struct gk_octets keydl = vector_octets("messages/KeyDL");
    struct scene *scene = scene_new();

    for (size_t size = 0; size < keydl.size; size++)
        rig_deliver(scene->rig, 0, &scene->server, gk_octets(keydl.data, size));
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_MEMBERSHIP);
    /* And none of them hinders the true one. */
    take(scene, "messages/KeyDL");
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_EVENT);
    scene_free(scene);
}

static void a_changed_rekey_changes_nothing(void)
{
    struct gk_octets rekey = vector_octets("messages/Rekey Event");
    struct scene *scene = joined();

    for (size_t at = 0; at < rekey.size - 900; at++) {
        struct gk_secret copy = gk_secret_copy(rekey);

        copy.data[at] ^= 0x20;
        rig_deliver(scene->rig, 0, &scene->server, gk_secret_octets(&copy));
        gk_secret_free(&copy);
    }
    CU_ASSERT_TRUE(holds(scene, "keys/gtpk"));
    take(scene, "messages/Rekey Event");
    CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
    scene_free(scene);
}

static void a_replayed_rekey_changes_nothing(void)
{
    struct scene *scene = joined();
    size_t records;
    unsigned changes;

    take(scene, "messages/Rekey Event");
    CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
    rig_run(scene->rig, 10000);
    changes = scene->rig->node[0].keys_changed;
    records = scene->rig->node[0].record_count;
    take(scene, "messages/Rekey Event");
    take(scene, "messages/Rekey Event, pair by pair");
    take(scene, "messages/Rekey Event, token only");
    CU_ASSERT_EQUAL(scene->rig->node[0].keys_changed, changes);
    CU_ASSERT_EQUAL(scene->rig->node[0].record_count, records);
    CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
    scene_free(scene);
}

static void a_repeated_keydl_gets_the_same_ack(void)
{
    struct scene *scene = joined();
    struct rig_packet *first = scene->rig->sent;

    rig_run(scene->rig, 2000);
    take(scene, "messages/KeyDL");
    CU_ASSERT_PTR_NOT_EQUAL(scene->rig->sent, first);
    CU_ASSERT_HEX(rig_last_sent(scene->rig, 0, GK_KEY_DOWNLOAD_ACK),
                  vector_text("messages/KeyDL-A~1F ACK"));
    CU_ASSERT_EQUAL(scene->rig->node[0].keys_changed, 1);
    scene_free(scene);
}

static void events_before_the_keydl_are_kept(void)
{
    struct scene *scene = scene_new();

    take(scene, "messages/Rekey Event");
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_MEMBERSHIP);
    take(scene, "messages/KeyDL");
    CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
    scene_free(scene);
}

static void a_restart_lives_from_its_records(void)
{
    struct scene *scene = joined();
    struct rig *rig = scene->rig;
    struct gk_turn turn = {0};
    struct gk_reason why = {0};

    member_free(scene->member);
    scene->member = member_restore(&scene->config, rig->node[0].records, rig->node[0].record_count,
                                   &rig->now, &turn, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene->member);
    rig->node[0].engine = member_engine(scene->member);
    rig_turn(rig, 0, &turn);
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_EVENT);
    CU_ASSERT_TRUE(holds(scene, "keys/gtpk"));
    take(scene, "messages/Rekey Event with token");
    CU_ASSERT_TRUE(holds(scene, "tree/gtpk"));
    scene_free(scene);
}

static void an_rtj_goes_out_four_times(void)
{
    struct scene *scene = scene_new();
    unsigned count = 0;

    rig_run(scene->rig, 19999);
    for (const struct rig_packet *packet = scene->rig->sent; packet; packet = packet->next) {
        CU_ASSERT_HEX(gk_secret_octets(&packet->octets), vector_text("messages/RTJ"));
        count++;
    }
    CU_ASSERT_EQUAL(count, 4);
    CU_ASSERT_EQUAL(state_of(scene), MEMBER_WAIT_MEMBERSHIP);
    rig_run(scene->rig, 1);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(scene->rig, 0, "join-failed"));
    scene_free(scene);
}

const struct test_suite suite_member_vectors = {
    "member-vectors",
    {
        {"registration, octet for octet", registration_octet_for_octet},
        {"every packaging of the rekey", every_packaging_of_the_rekey},
        {"token only changes no key", token_only_changes_no_key},
        {"destruction wipes and is final", destruction_wipes_and_is_final},
        {"a changed KeyDL joins nobody", a_changed_keydl_joins_nobody},
        {"a cut KeyDL joins nobody", a_cut_keydl_joins_nobody},
        {"a changed rekey changes nothing", a_changed_rekey_changes_nothing},
        {"a replayed rekey changes nothing", a_replayed_rekey_changes_nothing},
        {"a repeated KeyDL gets the same Ack", a_repeated_keydl_gets_the_same_ack},
        {"events before the KeyDL are kept", events_before_the_keydl_are_kept},
        {"a restart lives from its records", a_restart_lives_from_its_records},
        {"an RTJ goes out four times", an_rtj_goes_out_four_times},
        {NULL, NULL},
    }};
