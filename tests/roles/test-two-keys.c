/* SPDX-License-Identifier: Apache-2.0 */
/* A group with two GTPKs, one for authentication, one for encryption (profile 8.6, 9.2, 9.8). */
#include <string.h>

#include "tests/roles/troupe.h"

#define AUTHENTICATION UINT32_C(0x80000007)
#define ENCRYPTION     UINT32_C(0x80000002)

static struct troupe *begin(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = 3, .data = "authentication=\"80000007\" encryption=\"80000002\""});

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    return troupe;
}

/* The index-th key of a member; a copy. */
static struct gk_secret key_of(const struct troupe *troupe, unsigned member, size_t index,
                               uint32_t id)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[member].node);
    struct member_key key = {0};

    CU_ASSERT_TRUE(member_key_at(troupe->member[member].member, index, &now, &key));
    CU_ASSERT_EQUAL(key.id, id);
    return gk_secret_copy(key.key);
}

static void both_reach_the_members(void)
{
    struct troupe *troupe = begin();
    struct gcks_status status = troupe_status(troupe);
    struct gk_now now = rig_now(troupe->rig, troupe->member[0].node);
    struct member_key none;

    CU_ASSERT_EQUAL(status.gtpk_count, 2);
    CU_ASSERT_STRING_EQUAL(status.gtpk[0].use, "authentication");
    CU_ASSERT_STRING_EQUAL(status.gtpk[1].use, "encryption");
    for (unsigned i = 0; i < 3; i++) {
        struct gk_secret a = key_of(troupe, i, 0, AUTHENTICATION);
        struct gk_secret e = key_of(troupe, i, 1, ENCRYPTION);
        struct gk_secret first = key_of(troupe, 0, 1, ENCRYPTION);

        CU_ASSERT_FALSE(gk_octets_equal(gk_secret_octets(&a), gk_secret_octets(&e)));
        CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&first), gk_secret_octets(&e)));
        gk_secret_free(&a);
        gk_secret_free(&e);
        gk_secret_free(&first);
    }
    CU_ASSERT_FALSE(member_key_at(troupe->member[0].member, 2, &now, &none));
    troupe_free(troupe);
}

static bool changed(const struct troupe *troupe, size_t index, uint32_t id, struct gk_secret *old)
{
    struct gk_secret fresh = key_of(troupe, 0, index, id);
    bool differs = !gk_octets_equal(gk_secret_octets(&fresh), gk_secret_octets(old));

    gk_secret_free(&fresh);
    gk_secret_free(old);
    return differs;
}

static void every_event_changes_both(void)
{
    struct troupe *troupe = begin();
    struct gk_secret a = key_of(troupe, 0, 0, AUTHENTICATION);
    struct gk_secret e = key_of(troupe, 0, 1, ENCRYPTION);

    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    CU_ASSERT_TRUE(changed(troupe, 0, AUTHENTICATION, &a));
    CU_ASSERT_TRUE(changed(troupe, 1, ENCRYPTION, &e));
    troupe_free(troupe);
}

static void both_outlive_the_process(void)
{
    struct troupe *troupe = begin();
    struct gk_secret a = key_of(troupe, 0, 0, AUTHENTICATION);
    struct gk_secret e = key_of(troupe, 0, 1, ENCRYPTION);

    troupe_restart_gcks(troupe);
    troupe_restart_member(troupe, 0);
    rig_run(troupe->rig, 100);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_FALSE(changed(troupe, 0, AUTHENTICATION, &a));
    CU_ASSERT_FALSE(changed(troupe, 1, ENCRYPTION, &e));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

static bool opens(const struct troupe *troupe, const struct gk_message *message,
                  const struct gk_secret *gtpk)
{
    const struct gk_wrap *wrap = gk_wrap_find(49154);
    struct gk_octets group = gk_group_value(&troupe->policy.group);
    struct gk_secret key = gk_token_key(wrap, group, gk_secret_octets(gtpk));
    struct gk_secret plain = {NULL, 0};
    struct gk_writer aad = {0};
    bool good;

    gk_aad(&aad, group, GK_PAYLOAD_POLICY_TOKEN);
    good = gk_wrap_open(wrap, gk_secret_octets(&key), gk_writer_octets(&aad), message->token,
                        &plain, NULL);
    gk_secret_free(&key);
    gk_secret_free(&plain);
    gk_writer_free(&aad);
    return good;
}

/* Under the one for encryption, as it stood before the event. */
static void a_token_is_sealed_by_the_right_one(void)
{
    struct troupe *troupe = begin();
    struct gk_secret a = key_of(troupe, 0, 0, AUTHENTICATION);
    struct gk_secret e = key_of(troupe, 0, 1, ENCRYPTION);
    struct gk_message message;
    struct gk_reason why;
    struct gk_octets token = troupe_token(troupe, 2, NULL, troupe->rig->now.utc);

    CU_ASSERT_TRUE(troupe_publish(troupe, token, &why));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 1).edition, 2);
    CU_ASSERT_TRUE_FATAL(gk_message_parse(&message, rig_last_sent(troupe->rig, 0, GK_REKEY_EVENT),
                                          NULL, GK_EXCHANGE_ANY, NULL));
    CU_ASSERT_TRUE(message.has_token);
    CU_ASSERT_TRUE(opens(troupe, &message, &e));
    CU_ASSERT_FALSE(opens(troupe, &message, &a));
    gk_secret_free(&a);
    gk_secret_free(&e);
    e = key_of(troupe, 0, 1, ENCRYPTION);
    CU_ASSERT_FALSE(opens(troupe, &message, &e));
    gk_secret_free(&e);
    troupe_free(troupe);
}

/* One KeyID for both uses is one key. */
static void one_key_for_both_uses(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = 1, .data = "authentication=\"80000002\" encryption=\"80000002\""});
    struct gcks_status status;

    troupe_join_all(troupe);
    status = troupe_status(troupe);
    CU_ASSERT_EQUAL(status.gtpk_count, 1);
    CU_ASSERT_STRING_EQUAL(status.gtpk[0].use, "authentication and encryption");
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    troupe_free(troupe);
}

/* A group that only authenticates: its key encrypts tokens too. */
static void a_key_for_authentication_alone(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 2, .data = "authentication=\"80000007\""});
    struct gk_reason why;

    troupe_join_all(troupe);
    CU_ASSERT_TRUE(
        troupe_publish(troupe, troupe_token(troupe, 2, NULL, troupe->rig->now.utc), &why));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 1).edition, 2);
    CU_ASSERT_STRING_EQUAL(troupe_status(troupe).gtpk[0].use, "authentication");
    troupe_free(troupe);
}

const struct test_suite suite_two_keys = {
    "two-keys",
    {
        {"both reach the members", both_reach_the_members},
        {"every event changes both", every_event_changes_both},
        {"both outlive the process", both_outlive_the_process},
        {"a token is sealed by the right one", a_token_is_sealed_by_the_right_one},
        {"one key for both uses", one_key_for_both_uses},
        {"a key for authentication alone", a_key_for_authentication_alone},
        {NULL, NULL},
    }};
