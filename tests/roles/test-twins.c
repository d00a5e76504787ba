/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: of each ECDSA signature (r, s) whoever saw it makes another one that is as good, (r, n -
 * s), without the key. It is the same message all the same (profile 4.1): a twin in the original's
 * place does what that would, and behind it nothing (invariant 4).
 */
#include <string.h>

#include "tests/roles/fault.h"
#include "tests/roles/forge.h"

static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

/* In place. */
static void make_twin(struct gk_octets octets, uint8_t *to)
{
    const struct gk_message *message = forge_parsed(octets);
    size_t s = (size_t)(message->signature.signature.data - octets.data) + 32;
    int borrow = 0;

    CU_ASSERT_EQUAL_FATAL(message->signature.signature.size, 64);
    for (size_t i = sizeof order; i--;) {
        int digit = order[i] - octets.data[s + i] - borrow;

        borrow = digit < 0;
        to[s + i] = (uint8_t)(digit & 0xff);
    }
    CU_ASSERT_EQUAL(borrow, 0);
}

static bool swap(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct gk_secret twin = gk_secret_copy(gk_secret_octets(&packet->octets));

    (void)rig;
    make_twin(gk_secret_octets(&packet->octets), twin.data);
    gk_secret_free(&packet->octets);
    packet->octets = twin;
    ++*(unsigned *)context;
    return true;
}

static struct troupe *group(unsigned *swapped)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .suite = "p256"});

    if (swapped) {
        troupe->rig->filter = swap;
        troupe->rig->context = swapped;
    }
    troupe_join_all(troupe);
    CU_ASSERT_TRUE_FATAL(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    return troupe;
}

/* So that the next case says something. */
static void they_are_as_good(void)
{
    unsigned swapped = 0;

    troupe_free(group(&swapped));
    CU_ASSERT_TRUE(swapped >= 3 * 3 + 2 * 3);
}

static void all_to_all(struct troupe *troupe, const struct rig_packet *newest)
{
    struct gk_peer stranger = forge_address(9);

    for (const struct rig_packet *packet = newest; packet; packet = packet->next) {
        struct gk_secret twin = gk_secret_copy(gk_secret_octets(&packet->octets));

        make_twin(gk_secret_octets(&packet->octets), twin.data);
        for (size_t to = 0; to < troupe->rig->node_count; to++) {
            fault_deliver(troupe, packet->from, to, gk_secret_octets(&twin));
            rig_deliver(troupe->rig, to, &stranger, gk_secret_octets(&twin));
        }
        gk_secret_free(&twin);
    }
}

static void behind_the_original_they_are_nothing(void)
{
    struct troupe *troupe = group(NULL);
    struct fault_view before;
    uint64_t admitted = troupe_status(troupe).counts.admitted;

    fault_look(troupe, &before);
    all_to_all(troupe, troupe->rig->sent);
    rig_run(troupe->rig, 3);
    CU_ASSERT_TRUE(fault_nothing_changed(troupe, &before));
    rig_run(troupe->rig, 60000);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.admitted, admitted);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 0);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    troupe_free(troupe);
}

/* Both arrive before either was verified: one session, of which no more than four Key Downloads
 * go anywhere (invariant 6). */
static void abreast_they_open_one_session(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .suite = "p256"});
    const struct test_party *party = test_ca_issue(
        troupe->root, &(struct test_want){.subject = "CN=p,OU=Members,O=Acme", .key = TEST_P256});
    struct forge_rtj want = {
        .hand = {.party = party}, .mechanism = gk_suite_named("p256")->mechanism, .seed = 1};
    struct gk_octets rtj = forge_rtj(troupe, &want);
    struct gk_secret twin = gk_secret_copy(rtj);
    struct gk_peer here = forge_address(1);
    struct gk_peer there = forge_address(2);

    make_twin(rtj, twin.data);
    troupe->rig->hold_jobs = true;
    rig_deliver(troupe->rig, 0, &here, rtj);
    rig_deliver(troupe->rig, 0, &there, gk_secret_octets(&twin));
    CU_ASSERT_EQUAL(troupe->rig->job_count, 2);
    troupe->rig->hold_jobs = false;
    rig_run_jobs(troupe->rig, false);
    CU_ASSERT_EQUAL(troupe_status(troupe).pending, 1);
    rig_run(troupe->rig, 60000);
    CU_ASSERT_EQUAL(forge_count_sent(troupe, 0, GK_KEY_DOWNLOAD), 4);
    gk_secret_free(&twin);
    troupe_free(troupe);
}

const struct test_suite suite_twins = {
    "twins",
    {
        {"they are as good", they_are_as_good},
        {"behind the original they are nothing", behind_the_original_they_are_nothing},
        {"abreast they open one session", abreast_they_open_one_session},
        {NULL, NULL},
    }};
