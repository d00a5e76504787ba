/* SPDX-License-Identifier: Apache-2.0 */
/* Which payloads a message may hold, how often, and where (RFC 4535 tables 1 to 10, profile
 * 3.1, 3.2). What is expected stands here as the dissections print it, not as the code has
 * it. */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "tests/gsakmp/message-help.h"

struct expected {
    uint8_t exchange;
    const char *needed;   /* payload types that the message cannot be without */
    const char *optional; /* and those that it may have besides */
    const char *nonces;   /* the sets that it may have: letters, "-" for none */
    const uint8_t *notifications;
};

static const uint8_t join_notes[] = {28, 29, 34, 35, 0};
static const uint8_t errors[] = {1, 4, 5, 6, 7, 8, 9, 12, 13, 14, 17, 19, 33, 36, 37, 0};
static const uint8_t answers[] = {1, 4, 5, 6, 7, 8, 9, 12, 13, 14, 17, 19, 23, 26, 33, 36, 37, 0};
static const uint8_t lacks[] = {1, 4, 5, 6, 7, 8, 9, 12, 13, 14, 17, 19, 26, 33, 36, 37, 0};
static const uint8_t cookie[] = {27, 0};
static const uint8_t leave[] = {30, 0};
static const uint8_t departs[] = {31, 32, 0};
static const uint8_t none[] = {0};

/* T token, D download, E rekey event, I identification, S signature, A notification, K key
 * creation, N nonce. Certificates and Vendor IDs may always be there (R 7.7.1, 7.10.1). */
static const struct expected table[] = {
    {8, "KNS", "A", "I", join_notes},   {9, "IKTDS", "N", "-, RC", none},
    {11, "A", "N", "-, I", errors},     {4, "AS", "N", "-, C", answers},
    {12, "IAS", "N", "-, RC", lacks},   {10, "A", "", "-", cookie},
    {5, "ES", "T", "-", none},          {13, "INAS", "", "I", leave},
    {14, "IAS", "N", "-, RC", departs}, {15, "AS", "N", "-, C", answers},
    {0, NULL, NULL, NULL, NULL},
};

static char letter(uint8_t type)
{
    return ".TDEI.C.SAVKN"[type];
}

/* Bodies that are good in themselves, by type. */
static const char *const bodies[13] = {
    NULL,
    "0001aabb",
    "aabb",
    "01a1a2a3a4a5a6a7a8766563746f727332303236303130313030303030305a01010000",
    "011f434e3d58",
    NULL,
    "00043000",
    NULL,
    "00001f32303236303130313030303030305a0001580002aabb",
    "0013",
    "fbf8fd4a00b412eca4aa5e8cdc06c759",
    "c00100112233",
    "0101010101",
};

static bool expects(const struct expected *row, uint8_t type)
{
    char c = letter(type);

    return c == 'C' || c == 'V' || strchr(row->needed, c) || strchr(row->optional, c);
}

static void a_message_lacks_what_it_may(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct help_chain whole = help_take(help_message(row->exchange));

        CU_ASSERT_TRUE(help_accepted(help_put(&whole)));
        for (uint8_t type = 1; type < 13; type++) {
            struct help_chain less = whole;
            bool there = false;

            if (!bodies[type] || type == GK_PAYLOAD_VENDOR_ID)
                continue;
            for (size_t i = less.count; i-- > 0;) {
                if (less.part[i].type == type) {
                    there = true;
                    help_remove(&less, i);
                }
            }
            CU_ASSERT_EQUAL(there, expects(row, type));
            if (!there)
                continue;
            CU_ASSERT_TRUE(help_judged(help_put(&less), !strchr(row->needed, letter(type)),
                                       GK_PAYLOAD_MALFORMED, NULL));
        }
    }
}

static void a_message_has_no_other_payload(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct gk_octets whole = help_message(row->exchange);

        for (uint8_t type = 1; type < 13; type++) {
            struct help_chain more = help_take(whole);

            if (!bodies[type] || expects(row, type))
                continue;
            help_insert(&more, type == GK_PAYLOAD_SIGNATURE ? more.count : 0, type,
                        test_unhex(bodies[type]));
            CU_ASSERT_TRUE(help_refused(help_put(&more), GK_PAYLOAD_MALFORMED,
                                        type == GK_PAYLOAD_NONCE ? NULL : "payload-unexpected"));
        }
    }
}

static void payloads_come_once(void)
{
    static const uint8_t many[] = {GK_PAYLOAD_CERTIFICATE, GK_PAYLOAD_VENDOR_ID,
                                   GK_PAYLOAD_REKEY_EVENT};

    for (const struct expected *row = table; row->exchange; row++) {
        struct gk_octets whole = help_message(row->exchange);

        for (size_t i = 0; i < help_take(whole).count; i++) {
            struct help_chain twice = help_take(whole);
            struct help_part part = twice.part[i];

            help_insert(&twice, i, part.type, part.body);
            CU_ASSERT_TRUE(help_judged(help_put(&twice), memchr(many, part.type, sizeof many),
                                       GK_PAYLOAD_MALFORMED, NULL));
        }
    }
}

static void any_order_is_taken(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct help_chain whole = help_take(help_message(row->exchange));
        struct help_chain turned = whole;
        size_t count = whole.count;
        struct gk_message message;

        /* Certificates may stand before the signature, the signature then last. */
        for (size_t i = 0; i < count; i++)
            turned.part[i] = whole.part[count - 1 - i];
        for (size_t i = 0; i < count; i++) {
            if (turned.part[i].type == GK_PAYLOAD_SIGNATURE) {
                struct help_part signature = turned.part[i];

                help_remove(&turned, i);
                help_insert(&turned, turned.count, signature.type, signature.body);
                break;
            }
        }
        help_parse(&message, help_put(&turned));
        if (row->exchange == GK_REQUEST_TO_DEPART)
            CU_ASSERT_EQUAL(message.identification[0].class, GK_ID_RECEIVER);
    }
}

static void only_certificates_follow_the_signature(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct help_chain whole = help_take(help_message(row->exchange));

        if (!strchr(row->needed, 'S'))
            continue;
        for (unsigned type = 1; type < 256; type++) {
            struct help_chain more = whole;
            bool known = type < 13 && bodies[type];

            help_insert(&more, more.count, (uint8_t)type,
                        test_unhex(known ? bodies[type] : "aabbccdd"));
            CU_ASSERT_TRUE(help_judged(help_put(&more), type == GK_PAYLOAD_CERTIFICATE,
                                       known ? GK_PAYLOAD_MALFORMED : GK_INVALID_PAYLOAD_TYPE,
                                       known ? "behind-signature" : "payload-type"));
        }
    }
}

/* An unknown type is told first, wherever it stands. */
static void unknown_types_are_told_first(void)
{
    struct help_chain chain = help_take(help_message(GK_REQUEST_TO_JOIN));

    help_insert(&chain, chain.count, GK_PAYLOAD_NONCE, test_unhex(bodies[GK_PAYLOAD_NONCE]));
    help_insert(&chain, chain.count, 200, test_unhex("aabbccdd"));
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_INVALID_PAYLOAD_TYPE, "payload-type"));
}

static bool in_list(const char *list, const char *set)
{
    char copy[32];
    char *rest = copy;
    char *one;

    strcpy(copy, list);
    while ((one = strsep(&rest, ", "))) {
        if (*one && strcmp(one, set) == 0)
            return true;
    }
    return false;
}

static void nonces_come_in_sets(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct help_chain bare = help_take(help_message(row->exchange));

        for (size_t i = bare.count; i-- > 0;) {
            if (bare.part[i].type == GK_PAYLOAD_NONCE)
                help_remove(&bare, i);
        }
        for (unsigned set = 0; set < 8; set++) {
            struct help_chain chain = bare;
            char name[8] = "";

            for (uint8_t type = 1; type <= 3; type++) {
                static uint8_t body[4][33] = {{0}, {1}, {2}, {3}};

                if (!(set & (1u << (type - 1))))
                    continue;
                strncat(name, &"IRC"[type - 1], 1);
                help_insert(&chain, 0, GK_PAYLOAD_NONCE, gk_octets(body[type], 33));
            }
            CU_ASSERT_TRUE(help_judged(help_put(&chain), in_list(row->nonces, set ? name : "-"),
                                       GK_PAYLOAD_MALFORMED, NULL));
        }
    }
}

/* Data that are good for a type that has a format. */
static const char *note_body(unsigned type)
{
    static char text[16 * 2 + 8];
    const char *data = type == 23   ? "00"
                       : type == 29 ? "00c001"
                       : type == 34 ? "01020304"
                       : type == 35 ? "0102030405060708090a0b0c0d0e0f10"
                                    : "aa";

    (void)snprintf(text, sizeof text, "%04x%s", type, data);
    return text;
}

static void notifications_are_those_of_the_message(void)
{
    for (const struct expected *row = table; row->exchange; row++) {
        struct help_chain whole = help_take(help_message(row->exchange));
        size_t at;

        if (!row->notifications[0])
            continue;
        at = help_where(&whole, GK_PAYLOAD_NOTIFICATION);
        while (at + 1 < whole.count && whole.part[at + 1].type == GK_PAYLOAD_NOTIFICATION)
            help_remove(&whole, at + 1);
        for (unsigned type = 0; type < 300; type++) {
            struct help_chain chain = whole;
            const char *list = (const char *)row->notifications;

            chain.part[at].body = test_unhex(note_body(type));
            CU_ASSERT_TRUE(help_judged(help_put(&chain),
                                       type && type < 256 && strchr(list, (int)type),
                                       GK_PAYLOAD_MALFORMED, NULL));
        }
    }
}

static void a_join_has_each_notification_once(void)
{
    struct gk_octets join = help_message(GK_REQUEST_TO_JOIN);

    for (const uint8_t *type = join_notes; *type; type++) {
        struct help_chain chain = help_take(join);
        size_t at = help_where(&chain, GK_PAYLOAD_NOTIFICATION);

        for (unsigned i = 0; i < 4; i++)
            help_remove(&chain, at);
        for (unsigned i = 0; i < 2; i++) {
            help_insert(&chain, at, GK_PAYLOAD_NOTIFICATION, test_unhex(note_body(*type)));
            CU_ASSERT_TRUE(help_judged(help_put(&chain), i == 0, GK_PAYLOAD_MALFORMED,
                                       "notification-repeated"));
        }
    }
}

static void counts_are_bounded(void)
{
    struct help_chain chain = help_take(help_message(GK_REKEY_EVENT));
    size_t at = help_where(&chain, GK_PAYLOAD_REKEY_EVENT);
    struct gk_octets event = chain.part[at].body;

    for (int i = 2; i < GK_MESSAGE_REKEY_EVENTS; i++)
        help_insert(&chain, at, GK_PAYLOAD_REKEY_EVENT, event);
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    help_insert(&chain, at, GK_PAYLOAD_REKEY_EVENT, event);
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "payload-repeated"));

    chain = help_take(help_message(GK_KEY_DOWNLOAD));
    for (int i = 2; i < GK_MESSAGE_CERTIFICATES; i++)
        help_insert(&chain, chain.count, GK_PAYLOAD_CERTIFICATE, test_unhex("000430"));
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    help_insert(&chain, chain.count, GK_PAYLOAD_CERTIFICATE, test_unhex("000430"));
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_AUTHENTICATION_FAILED, "certificate-count"));
}

static void identifications_name_the_receiver(void)
{
    static const uint8_t single[] = {GK_KEY_DOWNLOAD, GK_LACK_OF_ACK, GK_DEPARTURE_RESPONSE, 0};

    for (const uint8_t *exchange = single; *exchange; exchange++) {
        struct gk_octets whole = help_message(*exchange);

        CU_ASSERT_TRUE(help_accepted(help_body(whole, 4, "011f434e3d58")));
        CU_ASSERT_TRUE(help_refused(help_body(whole, 4, "001f434e3d58"), GK_INVALID_ID_INFORMATION,
                                    "id-class"));
        CU_ASSERT_TRUE(help_refused(help_body(whole, 4, "021f434e3d58"), GK_INVALID_ID_INFORMATION,
                                    "id-class"));
        CU_ASSERT_TRUE(
            help_refused(help_body(whole, 4, "031f434e3d58"), GK_PAYLOAD_MALFORMED, NULL));
    }
}

static void a_departure_names_receiver_and_third_party(void)
{
    struct help_chain chain = help_take(help_message(GK_REQUEST_TO_DEPART));
    struct gk_message message;

    help_remove(&chain, 1);
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    chain.part[0].body = test_unhex("021f434e3d58");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_INVALID_ID_INFORMATION, "id-class"));
    help_insert(&chain, 1, GK_PAYLOAD_IDENTIFICATION, test_unhex("011f434e3d59"));
    help_parse(&message, help_put(&chain));
    CU_ASSERT_EQUAL(message.identification[0].class, GK_ID_RECEIVER);
    CU_ASSERT_EQUAL(message.identification[1].class, GK_ID_THIRD_PARTY);
    chain.part[0].body = test_unhex("011f434e3d58");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "id-repeated"));
    chain.part[0].body = test_unhex("001f434e3d58");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_INVALID_ID_INFORMATION, "id-class"));
    chain.part[0].body = test_unhex("021f434e3d58");
    help_insert(&chain, 0, GK_PAYLOAD_IDENTIFICATION, test_unhex("021f434e3d5a"));
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "payload-repeated"));
}

const struct test_suite suite_message_occurrence = {
    "message_occurrence",
    {
        {"a message lacks what it may", a_message_lacks_what_it_may},
        {"a message has no other payload", a_message_has_no_other_payload},
        {"payloads come once", payloads_come_once},
        {"any order is taken", any_order_is_taken},
        {"only certificates follow the signature", only_certificates_follow_the_signature},
        {"unknown types are told first", unknown_types_are_told_first},
        {"nonces come in sets", nonces_come_in_sets},
        {"notifications are those of the message", notifications_are_those_of_the_message},
        {"a join has each notification once", a_join_has_each_notification_once},
        {"counts are bounded", counts_are_bounded},
        {"identifications name the receiver", identifications_name_the_receiver},
        {"a departure names receiver and third party", a_departure_names_receiver_and_third_party},
        {NULL, NULL},
    }};
