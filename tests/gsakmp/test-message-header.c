/* SPDX-License-Identifier: Apache-2.0 */
/* The header: its fields in the order of profile 1.7, messages inside later versions (profile
 * 1.6), frames (profile 1.3), Group IDs (profile 2). */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gsakmp/message-help.h"

/* Places in the header of a message of the known answers' group. */
#define NEXT     17
#define VERSION  18
#define EXCHANGE 19
#define SEQUENCE 20
#define LENGTH   24
#define HEADER   28

static void group_ids_have_their_shape(void)
{
    static const struct {
        uint8_t type;
        const char *hex;
        const char *code; /* NULL: good */
    } rows[] = {
        {0, "010203040506070809", "group-type"},
        {5, "010203040506070809", "group-type"},
        {192, "010203040506070809", "group-type"},
        {193, "010203040506070809", "group-type"},
        {255, "010203040506070809", "group-type"},
        {2, "", "group-shape"},
        {2, "0102030405060708", "group-shape"},
        {2, "010203040506070809", NULL},
        {3, "0102030405060708090a0b", "group-shape"},
        {3, "0102030405060708090a0b0c", NULL},
        {3, "0102030405060708090a0b0c0d", "group-shape"},
        {4, "0102030405060708090a0b0c0d0e0f1011121314151617", "group-shape"},
        {4, "0102030405060708090a0b0c0d0e0f101112131415161718", NULL},
        {4, "0102030405060708090a0b0c0d0e0f10111213141516171819", "group-shape"},
        {1, "30313233343536373839414243444546", "group-shape"},
        {1, "3031323334353637383941424344454678", NULL},
        {1, "3031323334353637383961424344454678", "group-shape"}, /* lower case */
        {1, "303132333435363738394142434445477a", "group-shape"}, /* G */
        {1, "30313233343536373839414243444546c3a9", NULL},
        {1, "30313233343536373839414243444546e282ac", NULL},
        {1, "30313233343536373839414243444546f09f9880", NULL},
        {1, "30313233343536373839414243444546f48fbfbf", NULL},
        {1, "30313233343536373839414243444546c3", "group-shape"},       /* cut */
        {1, "30313233343536373839414243444546c328", "group-shape"},     /* no continuation */
        {1, "30313233343536373839414243444546c0af", "group-shape"},     /* overlong */
        {1, "30313233343536373839414243444546e08080", "group-shape"},   /* overlong */
        {1, "30313233343536373839414243444546f0808080", "group-shape"}, /* overlong */
        {1, "30313233343536373839414243444546eda080", "group-shape"},   /* surrogate */
        {1, "30313233343536373839414243444546f4908080", "group-shape"}, /* beyond U+10FFFF */
        {1, "30313233343536373839414243444546f8888080", "group-shape"}, /* five octets */
        {1, "3031323334353637383941424344454680", "group-shape"},       /* continuation only */
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gk_octets value = test_unhex(rows[i].hex);
        struct gk_group group;
        struct gk_reason why = {0};
        bool good = gk_group_set(&group, rows[i].type, value, &why);

        CU_ASSERT_EQUAL(good, !rows[i].code);
        if (good) {
            CU_ASSERT_EQUAL(group.type, rows[i].type);
            CU_ASSERT_TRUE(gk_octets_equal(gk_group_value(&group), value));
        } else if (!rows[i].code || strcmp(why.code, rows[i].code) != 0) {
            printf("\n    %s: %s\n", rows[i].hex, why.text);
            CU_FAIL("another reason");
        }
    }
}

static void groups_differ_in_type_and_value(void)
{
    struct gk_group a;
    struct gk_group b;

    CU_ASSERT_TRUE(gk_group_set(&a, 2, gk_octets_of("0123456789AB"), NULL));
    CU_ASSERT_TRUE(gk_group_set(&b, 2, gk_octets_of("0123456789AB"), NULL));
    CU_ASSERT_TRUE(gk_group_equal(&a, &b));
    CU_ASSERT_TRUE(gk_group_set(&b, 3, gk_octets_of("0123456789AB"), NULL));
    CU_ASSERT_FALSE(gk_group_equal(&a, &b));
    CU_ASSERT_TRUE(gk_group_set(&b, 2, gk_octets_of("0123456789AC"), NULL));
    CU_ASSERT_FALSE(gk_group_equal(&a, &b));
    CU_ASSERT_TRUE(gk_group_set(&b, 2, gk_octets_of("0123456789ABC"), NULL));
    CU_ASSERT_FALSE(gk_group_equal(&a, &b));
}

/* Faults in the order of profile 1.7: with all of them the first is told, then, as one after
 * the other is put right, the next. */
static void faults_are_told_in_order(void)
{
    static const struct {
        size_t at;
        const char *wrong;
        const char *right;
        uint16_t notification;
        const char *code;
    } faults[] = {
        {0, "09", "02", GK_PAYLOAD_MALFORMED, "group-type"},
        {LENGTH, "01", "00", GK_PAYLOAD_MALFORMED, "length"},
        {VERSION, "00", "01", GK_INVALID_VERSION, "version"},
        {2, "ff", "a1", GK_INVALID_GROUP_ID, "group"},
        {NEXT, "0d", "0b", GK_INVALID_PAYLOAD_TYPE, "payload-type"},
        {EXCHANGE, "07", "08", GK_INVALID_EXCHANGE_TYPE, "exchange-type"},
        {SEQUENCE, "01", "00", GK_INVALID_SEQUENCE_ID, "sequence"},
    };
    struct gk_octets octets = help_message(GK_REQUEST_TO_JOIN);
    size_t count = sizeof faults / sizeof *faults;

    for (size_t i = 0; i < count; i++)
        octets = help_patch(octets, faults[i].at, faults[i].wrong);
    for (size_t i = 0; i < count; i++) {
        CU_ASSERT_TRUE(help_refused(octets, faults[i].notification, faults[i].code));
        octets = help_patch(octets, faults[i].at, faults[i].right);
    }
    CU_ASSERT_TRUE(help_accepted(octets));
}

static void exchange_types_are_those_of_the_role(void)
{
    struct gk_octets octets = help_message(GK_COOKIE_DOWNLOAD);
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_reason why;

    for (unsigned type = 0; type < 256; type++) {
        char hex[3];
        bool exists = type == 4 || type == 5 || (type >= 8 && type <= 15);

        (void)snprintf(hex, sizeof hex, "%02x", type);
        why = (struct gk_reason){0};
        if (!gk_message_header(&message, help_patch(octets, EXCHANGE, hex), &group, GK_EXCHANGE_ANY,
                               &why))
            CU_ASSERT_EQUAL(message.exchange, type);
        CU_ASSERT_EQUAL(why.notification == GK_INVALID_EXCHANGE_TYPE, !exists);
    }
    CU_ASSERT_TRUE(
        gk_message_header(&message, octets, &group, GK_EXCHANGE_BIT(GK_COOKIE_DOWNLOAD), &why));
    CU_ASSERT_FALSE(gk_message_header(
        &message, octets, &group, GK_EXCHANGE_ANY & ~GK_EXCHANGE_BIT(GK_COOKIE_DOWNLOAD), &why));
    CU_ASSERT_EQUAL(why.notification, GK_INVALID_EXCHANGE_TYPE);
    CU_ASSERT_EQUAL(message.exchange, GK_COOKIE_DOWNLOAD);
}

static void sequence_ids_are_for_rekeys(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);
        bool rekey = *exchange == GK_REKEY_EVENT;

        CU_ASSERT_TRUE(help_judged(help_patch(octets, SEQUENCE, "00000000"), !rekey,
                                   GK_INVALID_SEQUENCE_ID, "sequence"));
        CU_ASSERT_TRUE(help_judged(help_patch(octets, SEQUENCE, "00000001"), rekey,
                                   GK_INVALID_SEQUENCE_ID, "sequence"));
        CU_ASSERT_TRUE(help_judged(help_patch(octets, SEQUENCE, "ffffffff"), rekey,
                                   GK_INVALID_SEQUENCE_ID, "sequence"));
    }
}

static void any_group_is_taken_without_one(void)
{
    struct gk_octets octets = help_patch(help_message(GK_REQUEST_TO_JOIN), 5, "99");
    struct gk_message message;
    struct gk_group group;

    CU_ASSERT_TRUE(help_refused(octets, GK_INVALID_GROUP_ID, "group"));
    CU_ASSERT_TRUE(gk_message_parse(&message, octets, NULL, GK_EXCHANGE_ANY, NULL));
    CU_ASSERT_TRUE(gk_message_peek_group(octets, &group));
    CU_ASSERT_TRUE(gk_group_equal(&group, &message.group));
    CU_ASSERT_FALSE(gk_message_peek_group(help_patch(octets, 0, "00"), &group));
    CU_ASSERT_FALSE(gk_message_peek_group(gk_octets(octets.data, HEADER - 1), &group));
    CU_ASSERT_FALSE(gk_message_peek_group(GK_NO_OCTETS, &group));
}

/* --- a v1 message inside a later version -------------------------------------------- */

/* A header of that version, the inner octets, and `behind` octets of the later version. */
static struct gk_octets embed(uint8_t version, struct gk_octets inner, size_t behind)
{
    struct gk_group group = help_group();
    struct gk_writer to = {0};
    struct gk_octets kept;
    char *hex;

    gk_write_u8(&to, group.type);
    gk_write_u8(&to, group.size);
    gk_write_octets(&to, gk_group_value(&group));
    gk_write_u8(&to, 200); /* next payload, exchange and sequence are not judged */
    gk_write_u8(&to, version);
    gk_write_u8(&to, 0);
    gk_write_u32(&to, 99);
    gk_write_u32(&to, (uint32_t)(HEADER + inner.size + behind));
    gk_write_octets(&to, inner);
    (void)gk_write_reserve(&to, behind);
    hex = gk_hex(gk_writer_octets(&to));
    kept = test_unhex(hex);
    free(hex);
    gk_writer_free(&to);
    return kept;
}

static void inner_messages_are_taken(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets inner = help_message(*exchange);
        struct gk_message alone;
        struct gk_message message;

        help_parse(&alone, inner);
        for (unsigned version = 2; version < 256; version += 127) {
            struct gk_octets outer = embed((uint8_t)version, inner, version == 2 ? 0 : 11);

            help_parse(&message, outer);
            CU_ASSERT_EQUAL(message.base, HEADER);
            CU_ASSERT_EQUAL(message.octets.data, outer.data + HEADER);
            CU_ASSERT_EQUAL(message.octets.size, inner.size);
            CU_ASSERT_EQUAL(message.exchange, *exchange);
            CU_ASSERT_EQUAL(message.sequence, alone.sequence);
            CU_ASSERT_TRUE(gk_octets_equal(message.signed_octets, alone.signed_octets));
            CU_ASSERT_TRUE(!message.rekey_count ||
                           outer.data + message.rekey[0].offset == message.rekey[0].data.data);
        }
    }
}

static void inner_faults_are_told(void)
{
    struct gk_octets inner = help_message(GK_REQUEST_TO_JOIN);
    struct gk_octets outer = embed(2, inner, 3);
    struct gk_message message;
    struct gk_group group = help_group();
    struct gk_reason why;
    static const struct {
        size_t at;
        const char *hex;
        uint16_t notification;
        const char *code;
    } rows[] = {
        {HEADER + VERSION, "02", GK_INVALID_VERSION, "embedded"},
        {HEADER + VERSION, "00", GK_INVALID_VERSION, "embedded"},
        {HEADER, "00", GK_INVALID_VERSION, "embedded"},
        {HEADER + 1, "00", GK_INVALID_VERSION, "embedded"},
        {HEADER + 1, "ff", GK_INVALID_VERSION, "embedded"},
        {HEADER + LENGTH, "01", GK_INVALID_VERSION, "embedded"},
        {HEADER + LENGTH + 2, "0000", GK_INVALID_VERSION, "embedded"},
        {HEADER + 2, "ff", GK_INVALID_GROUP_ID, "embedded-group"},
        {HEADER + NEXT, "00", GK_PAYLOAD_MALFORMED, "no-payload"},
        {HEADER + NEXT, "c8", GK_INVALID_PAYLOAD_TYPE, "payload-type"},
        {HEADER + EXCHANGE, "00", GK_INVALID_EXCHANGE_TYPE, "exchange-type"},
        {HEADER + SEQUENCE, "01", GK_INVALID_SEQUENCE_ID, "sequence"},
        {0, "09", GK_PAYLOAD_MALFORMED, "group-type"},
        {LENGTH + 3, "00", GK_PAYLOAD_MALFORMED, "length"},
        {VERSION, "00", GK_INVALID_VERSION, "version"},
        {VERSION, "01", GK_INVALID_PAYLOAD_TYPE, "payload-type"},
    };

    CU_ASSERT_TRUE(help_accepted(outer));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_TRUE(help_refused(help_patch(outer, rows[i].at, rows[i].hex),
                                    rows[i].notification, rows[i].code));
    /* A fault inside stands at its place in the datagram. */
    CU_ASSERT_FALSE(gk_message_parse(&message, help_patch(outer, 2 * HEADER + 1, "01"), &group,
                                     GK_EXCHANGE_ANY, &why));
    CU_ASSERT_EQUAL(why.offset, 2 * HEADER + 1);
}

static void inner_messages_do_not_nest(void)
{
    struct gk_octets inner = help_message(GK_REQUEST_TO_JOIN);

    CU_ASSERT_TRUE(help_refused(embed(2, embed(2, inner, 0), 0), GK_INVALID_VERSION, "embedded"));
    CU_ASSERT_TRUE(help_refused(embed(2, GK_NO_OCTETS, 0), GK_PAYLOAD_MALFORMED, "length"));
    CU_ASSERT_TRUE(help_refused(embed(2, GK_NO_OCTETS, 4), GK_INVALID_VERSION, "embedded"));
}

static void inner_group_is_the_receivers(void)
{
    /* Outer and inner agree, but on another group. */
    struct gk_octets inner = help_patch(help_message(GK_REQUEST_TO_JOIN), 5, "99");
    struct gk_octets outer = help_patch(embed(2, inner, 0), 5, "99");

    CU_ASSERT_TRUE(help_refused(outer, GK_INVALID_GROUP_ID, "group"));
}

static void frames(void)
{
    struct gk_octets octets = help_message(GK_REQUEST_TO_JOIN);
    struct gk_reason why;
    size_t length = 1;

    for (size_t size = 0; size < octets.size; size++) {
        CU_ASSERT_TRUE(gk_message_frame(gk_octets(octets.data, size), 4096, &length, &why));
        CU_ASSERT_EQUAL(length, size < HEADER ? 0 : octets.size);
    }
    CU_ASSERT_TRUE(gk_message_frame(octets, octets.size, &length, &why));
    CU_ASSERT_EQUAL(length, octets.size);
    CU_ASSERT_FALSE(gk_message_frame(octets, octets.size - 1, &length, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "frame-length");
    CU_ASSERT_TRUE(gk_message_frame(help_patch(octets, LENGTH, "00000020"), 4096, &length, &why));
    CU_ASSERT_EQUAL(length, 32);
    CU_ASSERT_FALSE(gk_message_frame(help_patch(octets, LENGTH, "0000001f"), 4096, &length, &why));
    CU_ASSERT_FALSE(
        gk_message_frame(help_patch(octets, LENGTH, "ffffffff"), GK_MESSAGE_MAX, &length, &why));
    /* The outer Length frames a message inside a later version. */
    CU_ASSERT_TRUE(gk_message_frame(embed(2, octets, 9), 4096, &length, &why));
    CU_ASSERT_EQUAL(length, HEADER + octets.size + 9);
}

const struct test_suite suite_message_header = {
    "message_header",
    {
        {"group ids have their shape", group_ids_have_their_shape},
        {"groups differ in type and value", groups_differ_in_type_and_value},
        {"faults are told in order", faults_are_told_in_order},
        {"exchange types are those of the role", exchange_types_are_those_of_the_role},
        {"sequence ids are for rekeys", sequence_ids_are_for_rekeys},
        {"any group is taken without one", any_group_is_taken_without_one},
        {"inner messages are taken", inner_messages_are_taken},
        {"inner faults are told", inner_faults_are_told},
        {"inner messages do not nest", inner_messages_do_not_nest},
        {"inner group is the receiver's", inner_group_is_the_receivers},
        {"frames", frames},
        {NULL, NULL},
    }};
