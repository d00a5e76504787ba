/* SPDX-License-Identifier: Apache-2.0 */
/* What is reckoned of a message is what is sent: roles/sizes.h against real servers. */
#include <string.h>

#include "roles/sizes.h"
#include "tests/roles/troupe.h"

#define SERVER "CN=GCKS,OU=Servers,O=Acme"

static struct sizes_server server_of(const struct troupe *troupe)
{
    return (struct sizes_server){troupe->policy.group.size, strlen(SERVER),
                                 sizes_certificate(troupe->gcks_certificates[0].size)};
}

static struct loaded *terms_of(const struct troupe *troupe)
{
    struct load_policy policy = troupe->policy;
    struct loaded *loaded;

    policy.local.serves = true;
    loaded = load_token(troupe->token, &policy, NULL, troupe->rig->now.utc, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(loaded);
    return loaded;
}

/* To the octet where lengths are fixed: the reckoning takes the member's name for as long as the
 * server's, and CBC's padding for the longest. */
static void download(const struct troupe_plan *plan, size_t depth, size_t slack)
{
    struct troupe *troupe = troupe_new(plan);
    struct loaded *loaded = terms_of(troupe);
    const struct rules_terms *terms = rules_terms(loaded->rules);
    struct sizes_server server = server_of(troupe);
    size_t reckoned =
        sizes_download(&server, terms, &terms->mechanism[0], troupe->token.size, depth);
    size_t sent;

    troupe_join_all(troupe);
    sent = rig_last_sent(troupe->rig, 0, GK_KEY_DOWNLOAD).size;
    reckoned = reckoned - strlen(SERVER) + strlen(troupe->member[0].subject);
    CU_ASSERT_TRUE(sent <= reckoned);
    CU_ASSERT_TRUE(sent + slack >= reckoned);
    CU_ASSERT_TRUE(reckoned <= sizes_download_most(&server, troupe->token.size));
    load_unref(loaded);
    troupe_free(troupe);
}

static void key_downloads_are_reckoned(void)
{
    download(&(struct troupe_plan){.members = 1, .degree = 2, .capacity = 16}, 4, 0);
    download(&(struct troupe_plan){.members = 1, .degree = 4, .capacity = 1000, .suite = "p256"}, 5,
             0);
    download(&(struct troupe_plan){.members = 1, .rekey = "every=\"1 h\" method=\"none\""}, 9, 0);
    download(&(struct troupe_plan){.members = 1,
                                   .data = "encryption=\"80000001\" authentication=\"80000002\""},
             3, 0);
    download(&(struct troupe_plan){.members = 1, .mechanism = {49153, 49153, 14, 12}}, 3, 32);
}

/* A type None event is its token and nothing else. */
static void events_with_a_token_are_reckoned(void)
{
    struct troupe *troupe =
        troupe_new(&(struct troupe_plan){.members = 2, .rekey = "every=\"1 h\" method=\"none\""});
    struct sizes_server server = server_of(troupe);
    struct gk_octets token;
    struct loaded *loaded;
    uint16_t type;
    size_t sent;

    troupe_join_all(troupe);
    loaded = terms_of(troupe);
    type = rules_terms(loaded->rules)->rekey_signature;
    load_unref(loaded);
    token = troupe_token(troupe, 2, NULL, troupe->rig->now.utc + 1);
    CU_ASSERT_TRUE(troupe_publish(troupe, token, NULL));
    rig_run(troupe->rig, 5000);
    sent = rig_last_sent(troupe->rig, 0, GK_REKEY_EVENT).size;
    CU_ASSERT_EQUAL(sent, sizes_event(&server, type) + 4 + 2 + token.size + 28);
    CU_ASSERT_TRUE(sent <= sizes_event_token(&server, type, token.size));
    troupe_free(troupe);
}

const struct test_suite suite_sizes = {
    "sizes",
    {
        {"Key Downloads are reckoned", key_downloads_are_reckoned},
        {"events with a token are reckoned", events_with_a_token_are_reckoned},
        {NULL, NULL},
    }};
