/* SPDX-License-Identifier: Apache-2.0 */
/* Version 1 messages inside later versions (RFC 4535 7.1.2, profile 1.6), at both engines. */
#include <string.h>

#include "tests/roles/troupe.h"

/* What stands around the message of version 1, and what is wrong with it. */
struct outer {
    uint8_t exchange; /* only messages of this one; 0: all */
    uint8_t version;
    uint8_t next_payload, exchange_type; /* of the outer header, which nobody judges */
    uint32_t sequence;
    size_t trailing;     /* octets behind the inner message, inside the outer Length */
    unsigned layers;     /* 0: one */
    bool other_group;    /* the outer header names another */
    bool outer_length;   /* the outer Length is one too small */
    bool inner_length;   /* the inner Length counts one more than is there */
    bool inner_version;  /* the message inside is not of version 1 */
    bool inner_sequence; /* a signed octet of the inner header is another */
    bool cut;            /* the inner header is not whole */
};

static size_t header_size(struct gk_octets message)
{
    return (size_t)13 + message.data[1];
}

static void put_header(const struct outer *outer, struct gk_octets inner, size_t length,
                       struct gk_writer *to)
{
    uint8_t size = inner.data[1];

    gk_write_u8(to, inner.data[0]);
    gk_write_u8(to, size);
    gk_write(to, inner.data + 2, size);
    if (outer->other_group)
        to->data[to->size - 1] ^= 1;
    gk_write_u8(to, outer->next_payload);
    gk_write_u8(to, outer->version);
    gk_write_u8(to, outer->exchange_type);
    gk_write_u32(to, outer->sequence);
    gk_write_u32(to, (uint32_t)length - outer->outer_length);
}

static void spoil(const struct outer *outer, struct gk_secret *inner)
{
    size_t header = header_size(gk_secret_octets(inner));

    inner->data[header - 10] ^= outer->inner_version ? 3 : 0;
    inner->data[header - 5] ^= outer->inner_sequence;
    inner->data[header - 1] ^= outer->inner_length;
    if (outer->cut)
        inner->size = header - 1;
}

static void wrap(const struct outer *outer, struct gk_secret *octets)
{
    struct gk_secret inner = gk_secret_copy(gk_secret_octets(octets));
    struct gk_writer writer = {0};

    spoil(outer, &inner);
    put_header(outer, gk_secret_octets(&inner),
               header_size(gk_secret_octets(octets)) + inner.size + outer->trailing, &writer);
    gk_write_octets(&writer, gk_secret_octets(&inner));
    for (size_t i = 0; i < outer->trailing; i++)
        gk_write_u8(&writer, (uint8_t)i);
    gk_secret_free(octets);
    *octets = gk_writer_take(&writer);
    gk_secret_free(&inner);
}

static uint8_t exchange_of(struct gk_octets message)
{
    return message.data[header_size(message) - 9];
}

static bool embed(struct rig *rig, struct rig_packet *packet, void *context)
{
    const struct outer *outer = context;

    (void)rig;
    if (outer->exchange && exchange_of(gk_secret_octets(&packet->octets)) != outer->exchange)
        return true;
    for (unsigned i = 0; i <= outer->layers; i++)
        wrap(outer, &packet->octets);
    return true;
}

/* --- what is good ------------------------------------------------------------------------ */

static void lives_inside(struct outer outer, bool tcp)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .tcp = tcp});
    struct gk_reason why;

    troupe->rig->filter = embed;
    troupe->rig->context = &outer;
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_TRUE(
        troupe_publish(troupe, troupe_token(troupe, 2, NULL, troupe->rig->now.utc), &why));
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_agree(troupe, 2));
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).edition, 2);
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_member_status(troupe, 0).ended);
    troupe_free(troupe);
}

static void a_group_lives_inside_version_2(void)
{
    lives_inside((struct outer){.version = 2, .next_payload = 8, .exchange_type = 8}, false);
    lives_inside((struct outer){.version = 2, .next_payload = 8, .exchange_type = 8}, true);
}

static void the_outer_header_is_not_judged(void)
{
    lives_inside((struct outer){.version = 255,
                                .next_payload = 0,
                                .exchange_type = 77,
                                .sequence = 0xffffffff,
                                .trailing = 100},
                 false);
}

/* RTJ-Errors too: of a group that has ended. */
static void errors_inside_are_heard(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1});
    struct outer outer = {.version = 3};

    CU_ASSERT_TRUE(troupe_destroy(troupe));
    rig_run(troupe->rig, 5000);
    troupe->rig->filter = embed;
    troupe->rig->context = &outer;
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 1000);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 1, "rtj-error"));
    troupe_free(troupe);
}

/* --- what is wrong ----------------------------------------------------------------------- */

/* Nobody joins, or no rekey is taken, when all messages of that exchange are spoiled so. */
static void fails_at(uint8_t exchange, struct outer outer)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1});

    outer.exchange = exchange;
    if (exchange == GK_REKEY_EVENT) {
        troupe_join_all(troupe);
        troupe->rig->filter = embed;
        troupe->rig->context = &outer;
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 4000);
        CU_ASSERT_TRUE(troupe_in(troupe, 0));
        CU_ASSERT_FALSE(troupe_current(troupe, 0));
        CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).sequence, 0);
    } else {
        troupe->rig->filter = embed;
        troupe->rig->context = &outer;
        troupe_join(troupe, 0);
        rig_run(troupe->rig, 4000);
        CU_ASSERT_EQUAL(troupe_in(troupe, 0), exchange == GK_KEY_DOWNLOAD_ACK);
        CU_ASSERT_EQUAL(troupe_status(troupe).members, 0);
        CU_ASSERT_EQUAL(troupe_status(troupe).pending, exchange != GK_REQUEST_TO_JOIN);
    }
    troupe->rig->filter = NULL;
    troupe_free(troupe);
}

static void fails_everywhere(struct outer outer)
{
    static const uint8_t exchanges[] = {GK_REQUEST_TO_JOIN, GK_KEY_DOWNLOAD, GK_KEY_DOWNLOAD_ACK,
                                        GK_REKEY_EVENT};

    outer.version = outer.version ? outer.version : 2;
    for (size_t i = 0; i < sizeof exchanges; i++)
        fails_at(exchanges[i], outer);
}

static void the_groups_must_agree(void)
{
    fails_everywhere((struct outer){.other_group = true});
}

static void no_second_nesting(void)
{
    fails_everywhere((struct outer){.layers = 1});
    fails_everywhere((struct outer){.inner_version = true});
}

static void version_0_holds_nothing(void)
{
    struct outer outer = {.version = 0};

    fails_at(GK_REQUEST_TO_JOIN, outer);
    fails_at(GK_REKEY_EVENT, outer);
}

static void lengths_must_fit(void)
{
    fails_everywhere((struct outer){.outer_length = true});
    fails_everywhere((struct outer){.inner_length = true});
    fails_everywhere((struct outer){.cut = true});
}

/* The signature covers the message from its own first octet. */
static void the_inner_header_is_signed(void)
{
    fails_everywhere((struct outer){.inner_sequence = true});
}

/* --- the same ---------------------------------------------------------------------------- */

/* What is the same is told by what is signed, inside as outside (profile 4.1). */
static void the_same_rtj_inside_opens_no_second_session(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1});
    struct outer lost = {.exchange = GK_KEY_DOWNLOAD, .version = 0};
    struct outer outer = {.version = 2};
    struct gk_secret rtj;
    struct gk_peer from = {.transport = GK_UDP, .address = rig_address(1)};

    troupe->rig->filter = embed; /* the Key Download does not arrive */
    troupe->rig->context = &lost;
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 1500);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.keydl, 1);
    rtj = gk_secret_copy(rig_last_sent(troupe->rig, 1, GK_REQUEST_TO_JOIN));
    wrap(&outer, &rtj);
    troupe->rig->filter = NULL;
    rig_deliver(troupe->rig, 0, &from, gk_secret_octets(&rtj));
    rig_run(troupe->rig, 500);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.keydl, 1);
    CU_ASSERT_TRUE(troupe_in(troupe, 0)); /* by the identical one, which was sent again */
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 1);
    gk_secret_free(&rtj);
    troupe_free(troupe);
}

static bool twice(struct rig *rig, struct rig_packet *packet, void *context)
{
    struct outer *outer = context;
    struct gk_secret copy = gk_secret_copy(gk_secret_octets(&packet->octets));

    for (unsigned i = 0; i < 3; i++) {
        outer->trailing = i + 1;
        outer->sequence = i;
        gk_secret_free(&copy);
        copy = gk_secret_copy(gk_secret_octets(&packet->octets));
        wrap(outer, &copy);
        rig_inject(rig, packet->from, packet->to, packet->transport, gk_secret_octets(&copy));
    }
    gk_secret_free(&copy);
    return true;
}

/* Each message comes in four dresses. */
static void copies_inside_count_once(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2});
    struct outer outer = {.version = 2};
    uint64_t bad;

    troupe->rig->filter = twice;
    troupe->rig->context = &outer;
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 5000);
    bad = troupe_member_status(troupe, 0).counts.rekey_bad;
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.admitted, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.keydl, 2);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.rekey_events, 1);
    CU_ASSERT_EQUAL(bad, 0);
    troupe->rig->filter = NULL;
    troupe_free(troupe);
}

const struct test_suite suite_embedded = {
    "embedded",
    {
        {"a group lives inside version 2", a_group_lives_inside_version_2},
        {"the outer header is not judged", the_outer_header_is_not_judged},
        {"errors inside are heard", errors_inside_are_heard},
        {"the groups must agree", the_groups_must_agree},
        {"no second nesting", no_second_nesting},
        {"version 0 holds nothing", version_0_holds_nothing},
        {"lengths must fit", lengths_must_fit},
        {"the inner header is signed", the_inner_header_is_signed},
        {"the same RTJ inside opens no second session",
         the_same_rtj_inside_opens_no_second_session},
        {"copies inside count once", copies_inside_count_once},
        {NULL, NULL},
    }};
