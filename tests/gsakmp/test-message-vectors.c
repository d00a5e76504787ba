/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of the known answers: taken, and refused as they say. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "tests/gsakmp/message-help.h"
#include "tests/vectors.h"

static void every_message_parses(void)
{
    struct gk_group group = help_group();
    const char *name;
    json_t *hex;

    json_object_foreach((json_t *)(uintptr_t)vector_at("messages"), name, hex)
    {
        struct gk_octets octets = test_unhex(json_string_value(hex));
        struct gk_message message;
        struct gk_reason why = {0};

        if (!gk_message_parse(&message, octets, &group, GK_EXCHANGE_ANY, &why)) {
            printf("\n    %s: %s\n", name, why.text);
            CU_FAIL("a known answer is refused");
            continue;
        }
        CU_ASSERT_EQUAL(message.octets.size, octets.size);
        CU_ASSERT_EQUAL(message.has_signature, message.signed_octets.size != 0);
    }
}

/* Whether the octets are a public value is asked of the suites, behind the codec. */
static bool is_codecs(const char *name)
{
    return strcmp(name, "short X25519 value") != 0;
}

static void refusals_have_their_notification(void)
{
    struct gk_group group = help_group();
    const char *name;
    json_t *entry;

    json_object_foreach((json_t *)(uintptr_t)vector_at("refusals"), name, entry)
    {
        struct gk_octets octets = test_unhex(json_string_value(json_object_get(entry, "octets")));
        json_int_t wanted = json_integer_value(json_object_get(entry, "notification"));
        struct gk_message message;
        struct gk_reason why = {0};
        bool good =
            gk_message_parse(&message, octets, &group, GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN), &why);

        if (good != !is_codecs(name) || (!good && why.notification != wanted)) {
            printf("\n    %s: %s, notification %u\n", name, good ? "taken" : why.text,
                   why.notification);
            CU_FAIL("not refused as the known answer says");
        }
    }
}

static void join_has_what_the_answer_has(void)
{
    struct gk_message message;

    help_parse(&message, vector_octets("messages/RTJ"));
    CU_ASSERT_EQUAL(message.exchange, GK_REQUEST_TO_JOIN);
    CU_ASSERT_EQUAL(message.sequence, 0);
    CU_ASSERT_TRUE(message.vendor);
    CU_ASSERT_TRUE(message.has_key_creation);
    CU_ASSERT_EQUAL(message.key_creation_type, 49153);
    CU_ASSERT_EQUAL(message.key_creation.size, 32);
    CU_ASSERT_HEX(message.nonce[GK_NONCE_I], vector_text("nonces/nonce_i"));
    CU_ASSERT_TRUE(message.has_choices && message.choices.has_key_wrap);
    CU_ASSERT_EQUAL(message.choices.key_creation, 49153);
    CU_ASSERT_EQUAL(message.choices.key_wrap, 49154);
    CU_ASSERT_EQUAL(message.choices.nonce_hash, 49153);
    CU_ASSERT_PTR_NOT_NULL(gk_message_notification(&message, GK_MECHANISM_CHOICES));
    CU_ASSERT_PTR_NULL(gk_message_notification(&message, GK_COOKIE));
    CU_ASSERT_EQUAL(message.signature.type, 49153);
    CU_ASSERT_EQUAL(message.signature.stamp, 1767225600);
    CU_ASSERT_TRUE(gk_octets_equal(message.signature.signer_id,
                                   gk_octets_of(vector_text("entities/m1/name"))));
    CU_ASSERT_EQUAL(message.signature.signature.size, 64);
    CU_ASSERT_EQUAL(message.signed_octets.data, message.octets.data);
    /* Behind what is signed: a length of 2 octets and the signature. */
    CU_ASSERT_EQUAL(message.signed_octets.data + message.signed_octets.size + 2,
                    message.signature.signature.data);
    CU_ASSERT_EQUAL(message.certificate_count, 2);
    CU_ASSERT_HEX(message.certificate[0].data, vector_text("entities/m1/certificate"));
    CU_ASSERT_HEX(message.certificate[1].data, vector_text("entities/inter/certificate"));
}

static void download_has_what_the_answer_has(void)
{
    struct gk_message message;

    help_parse(&message, vector_octets("messages/KeyDL"));
    CU_ASSERT_EQUAL(message.exchange, GK_KEY_DOWNLOAD);
    CU_ASSERT_EQUAL(message.identification_count, 1);
    CU_ASSERT_EQUAL(message.identification[0].class, GK_ID_RECEIVER);
    CU_ASSERT_EQUAL(message.identification[0].type, 31);
    CU_ASSERT_TRUE(gk_octets_equal(message.identification[0].data,
                                   gk_octets_of(vector_text("entities/m1/name"))));
    CU_ASSERT_EQUAL(message.nonce[GK_NONCE_I].size, 0);
    CU_ASSERT_HEX(message.nonce[GK_NONCE_R], vector_text("nonces/nonce_r"));
    CU_ASSERT_HEX(message.nonce[GK_NONCE_C], vector_text("nonces/nonce_c/49153"));
    CU_ASSERT_TRUE(message.has_token && message.token_type == GK_TOKEN_V1);
    CU_ASSERT_HEX(gk_octets(message.token.data, 12), vector_text("keys/token_iv"));
    CU_ASSERT_TRUE(message.has_key_download);
    CU_ASSERT_HEX(gk_octets(message.key_download.data, 12), vector_text("keys/keys_iv"));
}

static void rekey_has_what_the_answer_has(void)
{
    struct gk_message message;

    help_parse(&message, vector_octets("messages/Rekey Event"));
    CU_ASSERT_EQUAL(message.sequence, 1);
    CU_ASSERT_FALSE(message.has_token);
    CU_ASSERT_EQUAL(message.rekey_count, 1);
    CU_ASSERT_EQUAL(message.rekey[0].type, GK_REKEY_LKH);
    CU_ASSERT_EQUAL(message.rekey[0].count, 3);
    CU_ASSERT_EQUAL(message.rekey[0].algorithm_version, 1);
    CU_ASSERT_EQUAL(message.rekey[0].stamp, 1767225600);
    CU_ASSERT_EQUAL(message.octets.data + message.rekey[0].offset, message.rekey[0].data.data);
    help_parse(&message, vector_octets("messages/Rekey Event, destruction"));
    CU_ASSERT_EQUAL(message.sequence, GK_SEQUENCE_END);
    CU_ASSERT_EQUAL(message.rekey[0].type, GK_REKEY_NONE);
    CU_ASSERT_EQUAL(message.rekey[0].data.size, 0);
    help_parse(&message, vector_octets("messages/Rekey Event with token"));
    CU_ASSERT_TRUE(message.has_token);
}

static void steps_may_be_repeated(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_message message;
        struct gk_message once;

        help_parse(&message, help_message(*exchange));
        once = message;
        for (int i = 0; i < 3; i++) {
            CU_ASSERT_TRUE(gk_message_chain(&message, NULL));
            CU_ASSERT_TRUE(gk_message_contents(&message, NULL));
        }
        CU_ASSERT_EQUAL(message.certificate_count, once.certificate_count);
        CU_ASSERT_EQUAL(message.notification_count, once.notification_count);
        CU_ASSERT_EQUAL(message.rekey_count, once.rekey_count);
        CU_ASSERT_EQUAL(message.identification_count, once.identification_count);
        CU_ASSERT_EQUAL(message.signed_octets.size, once.signed_octets.size);
    }
}

const struct test_suite suite_message_vectors = {
    "message_vectors",
    {
        {"every message parses", every_message_parses},
        {"refusals have their notification", refusals_have_their_notification},
        {"a join has what the answer has", join_has_what_the_answer_has},
        {"a download has what the answer has", download_has_what_the_answer_has},
        {"a rekey has what the answer has", rekey_has_what_the_answer_has},
        {"steps may be repeated", steps_may_be_repeated},
        {NULL, NULL},
    }};
