/* SPDX-License-Identifier: Apache-2.0 */
/* Building: the known answers octet for octet, lengths that are signed, and what is not
 * built. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "tests/gsakmp/message-help.h"
#include "tests/vectors.h"

/* Gives the signature of the known answer, for exactly the octets that it signs. */
static bool sign_as_known(const struct gk_signer *signer, struct gk_octets data,
                          struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_message *known = signer->context;

    (void)why;
    CU_ASSERT_TRUE(gk_octets_equal(data, known->signed_octets));
    gk_write_octets(to, known->signature.signature);
    return true;
}

static void known_answers_are_rebuilt(void)
{
    const char *name;
    json_t *hex;

    json_object_foreach((json_t *)(uintptr_t)vector_at("messages"), name, hex)
    {
        struct gk_octets octets = test_unhex(json_string_value(hex));
        struct gk_message message;
        struct gk_signer signer = {.sign = sign_as_known, .context = &message};
        struct gk_writer built = {0};
        struct gk_reason why = {0};

        help_parse(&message, octets);
        signer.type = message.signature.type;
        /* The KeyDL and the rekeys have private key types inside, the Ack a private signature
         * type: the Vendor ID comes back by itself. */
        message.private_inside =
            message.vendor && (message.has_key_download || message.rekey_count);
        message.vendor = false;
        if (!gk_message_build(&message, &signer, &built, &why)) {
            printf("\n    %s: %s\n", name, why.text);
            CU_FAIL("a known answer is not built");
        }
        CU_ASSERT_HEX(gk_writer_octets(&built), json_string_value(hex));
        gk_writer_free(&built);
    }
}

/* Ed25519 is deterministic: with the seeds every octet comes out of this code. */
static void known_answers_are_signed_again(void)
{
    const char *name;
    json_t *hex;

    json_object_foreach((json_t *)(uintptr_t)vector_at("messages"), name, hex)
    {
        struct gk_message message;
        struct gk_signer signer;
        struct gk_writer built = {0};
        bool member;

        help_parse(&message, test_unhex(json_string_value(hex)));
        member = gk_octets_equal(message.signature.signer_id,
                                 gk_octets_of(vector_text("entities/m1/name")));
        CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(
            &signer, vector_octets(member ? "entities/m1/seed" : "entities/gcks/seed"), NULL));
        message.private_inside = message.has_key_download || message.rekey_count;
        CU_ASSERT_TRUE(gk_message_build(&message, &signer, &built, NULL));
        CU_ASSERT_HEX(gk_writer_octets(&built), json_string_value(hex));
        gk_writer_free(&built);
        gk_signer_free(&signer);
    }
}

static void other_signature_types_are_read(void)
{
    const json_t *list = vector_at("verify");
    json_t *entry;
    size_t index;

    json_array_foreach(list, index, entry)
    {
        struct gk_message message;

        help_parse(&message, test_unhex(json_string_value(json_object_get(entry, "octets"))));
        CU_ASSERT_EQUAL(message.signature.type, json_integer_value(json_object_get(entry, "type")));
        CU_ASSERT_EQUAL(message.signed_octets.size,
                        (size_t)json_integer_value(json_object_get(entry, "signed_octets")));
    }
}

static bool same_payloads(const struct gk_message *a, const struct gk_message *b)
{
    bool same = a->identification_count == b->identification_count &&
                a->rekey_count == b->rekey_count && a->certificate_count == b->certificate_count &&
                a->notification_count == b->notification_count &&
                gk_octets_equal(a->key_creation, b->key_creation) &&
                gk_octets_equal(a->token, b->token) &&
                gk_octets_equal(a->key_download, b->key_download);

    for (size_t i = GK_NONCE_I; same && i <= GK_NONCE_C; i++)
        same = gk_octets_equal(a->nonce[i], b->nonce[i]);
    for (size_t i = 0; same && i < a->identification_count; i++)
        same = a->identification[i].class == b->identification[i].class &&
               gk_octets_equal(a->identification[i].data, b->identification[i].data);
    for (size_t i = 0; same && i < a->rekey_count; i++)
        same = a->rekey[i].count == b->rekey[i].count && a->rekey[i].stamp == b->rekey[i].stamp &&
               gk_octets_equal(a->rekey[i].data, b->rekey[i].data);
    for (size_t i = 0; same && i < a->certificate_count; i++)
        same = a->certificate[i].type == b->certificate[i].type &&
               gk_octets_equal(a->certificate[i].data, b->certificate[i].data);
    for (size_t i = 0; same && i < a->notification_count; i++)
        same = a->notification[i].type == b->notification[i].type &&
               gk_octets_equal(a->notification[i].data, b->notification[i].data);
    return same;
}

static void what_is_built_is_read(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_message message;
        struct gk_message again;
        struct gk_octets octets;

        help_fill(&message, *exchange);
        octets = help_build(&message);
        help_parse(&again, octets);
        CU_ASSERT_TRUE(same_payloads(&message, &again));
        CU_ASSERT_EQUAL(again.sequence, message.sequence);
        CU_ASSERT_EQUAL(again.signature.stamp, again.has_signature ? message.signature.stamp : 0);
        again.private_inside = message.private_inside;
        CU_ASSERT_TRUE(gk_octets_equal(help_build(&again), octets));
    }
}

static void what_is_built_is_appended(void)
{
    struct gk_octets octets = help_message(GK_COOKIE_DOWNLOAD);
    struct gk_message message;
    struct gk_writer to = {0};

    help_fill(&message, GK_COOKIE_DOWNLOAD);
    gk_write_octets(&to, gk_octets_of("before"));
    CU_ASSERT_TRUE(gk_message_build(&message, NULL, &to, NULL));
    CU_ASSERT_EQUAL(to.size, 6 + octets.size);
    CU_ASSERT_TRUE(gk_octets_equal(gk_octets(to.data + 6, octets.size), octets));
    gk_writer_free(&to);
}

/* --- signatures whose length varies (profile 4.2) ------------------------------------- */

static void lengths_are_signed_until_they_agree(void)
{
    static const size_t sizes[] = {47, 48, 46, 46};
    struct help_signer state = {sizes, 4, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_message message;
    struct gk_message again;
    struct gk_writer to = {0};

    help_fill(&message, GK_KEY_DOWNLOAD);
    CU_ASSERT_TRUE(gk_message_build(&message, &signer, &to, NULL));
    CU_ASSERT_EQUAL(state.calls, 4);
    help_parse(&again, gk_writer_octets(&to));
    CU_ASSERT_EQUAL(again.signature.signature.size, 46);
    CU_ASSERT_EQUAL(again.certificate_count, 2);
    gk_writer_free(&to);
}

static void a_right_guess_signs_once(void)
{
    static const size_t sizes[] = {256};
    struct help_signer state = {sizes, 1, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_message message;
    struct gk_writer to = {0};

    help_fill(&message, GK_DEPARTURE_ACK);
    CU_ASSERT_TRUE(gk_message_build(&message, &signer, &to, NULL));
    CU_ASSERT_EQUAL(state.calls, 2);
    state.calls = 0;
    signer.size = 256;
    CU_ASSERT_TRUE(gk_message_build(&message, &signer, &to, NULL));
    CU_ASSERT_EQUAL(state.calls, 1);
    gk_writer_free(&to);
}

static bool not_built(const struct gk_message *message, const struct gk_signer *signer,
                      const char *code)
{
    struct gk_writer to = {0};
    struct gk_reason why = {0};
    bool good;

    gk_write_u8(&to, 7);
    good = !gk_message_build(message, signer, &to, &why) && why.notification == GK_NONE &&
           strcmp(why.code, code) == 0 && to.size == 1;
    if (!good)
        printf("\n    %s, not %s\n", why.code ? why.text : "built", code);
    gk_writer_free(&to);
    return good;
}

static void signing_gives_up(void)
{
    static const size_t sizes[] = {46, 47};
    struct help_signer state = {sizes, 2, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_message message;

    help_fill(&message, GK_KEY_DOWNLOAD_ACK);
    CU_ASSERT_TRUE(not_built(&message, &signer, "signature-length"));
    CU_ASSERT_EQUAL(state.calls, 64);
}

static bool sign_not(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                     struct gk_reason *why)
{
    (void)signer;
    (void)data;
    (void)to;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "no-key", "the key is gone");
}

/* --- what is not built ------------------------------------------------------------------ */

static void a_broken_signer_is_told(void)
{
    struct gk_signer signer = {.type = 49153, .sign = sign_not};
    struct gk_message message;

    help_fill(&message, GK_KEY_DOWNLOAD);
    CU_ASSERT_TRUE(not_built(&message, &signer, "no-key"));
    CU_ASSERT_TRUE(not_built(&message, NULL, "signer"));
    message.exchange = 7;
    CU_ASSERT_TRUE(not_built(&message, &signer, "exchange-type"));
}

static void what_a_receiver_would_refuse_is_not_built(void)
{
    static const size_t size = 64;
    struct help_signer state = {&size, 1, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_message message;

    help_fill(&message, GK_KEY_DOWNLOAD);
    message.has_token = false;
    CU_ASSERT_TRUE(not_built(&message, &signer, "payload-missing"));
    help_fill(&message, GK_KEY_DOWNLOAD);
    message.nonce[GK_NONCE_R] = GK_NO_OCTETS;
    CU_ASSERT_TRUE(not_built(&message, &signer, "nonce-set"));
    message.nonce[GK_NONCE_I] = message.nonce[GK_NONCE_C];
    CU_ASSERT_TRUE(not_built(&message, &signer, "nonce-set"));
    help_fill(&message, GK_REQUEST_TO_JOIN);
    message.has_token = true;
    CU_ASSERT_TRUE(not_built(&message, &signer, "payload-unexpected"));
    help_fill(&message, GK_REQUEST_TO_JOIN);
    message.notification[0].type = GK_NACK;
    CU_ASSERT_TRUE(not_built(&message, &signer, "notification-unexpected"));
    message.notification[0].type = message.notification[1].type;
    CU_ASSERT_TRUE(not_built(&message, &signer, "notification-repeated"));
    help_fill(&message, GK_DEPARTURE_ACK);
    message.notification_count = 2;
    message.notification[1] = message.notification[0];
    CU_ASSERT_TRUE(not_built(&message, &signer, "payload-repeated"));
    help_fill(&message, GK_REKEY_EVENT);
    message.sequence = 0;
    CU_ASSERT_TRUE(not_built(&message, &signer, "sequence"));
    help_fill(&message, GK_DEPARTURE_ACK);
    message.sequence = 1;
    CU_ASSERT_TRUE(not_built(&message, &signer, "sequence"));
}

static void sizes_are_bounded(void)
{
    static const size_t size = 64;
    static uint8_t large[GK_MESSAGE_MAX];
    struct help_signer state = {&size, 1, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_message message;
    struct gk_writer to = {0};

    help_fill(&message, GK_KEY_DOWNLOAD);
    message.token = gk_octets(large, 65535 - 6);
    CU_ASSERT_TRUE(gk_message_build(&message, &signer, &to, NULL));
    gk_writer_free(&to);
    message.token.size++;
    CU_ASSERT_TRUE(not_built(&message, &signer, "payload-size"));
    help_fill(&message, GK_REKEY_EVENT);
    for (message.rekey_count = 0; message.rekey_count < 17; message.rekey_count++)
        message.rekey[message.rekey_count] =
            (struct gk_rekey_payload){.type = 1, .data = gk_octets(large, 65000)};
    CU_ASSERT_TRUE(not_built(&message, &signer, "message-size"));
    message.rekey_count = 16;
    CU_ASSERT_TRUE(gk_message_build(&message, &signer, &to, NULL));
    gk_writer_free(&to);
}

/* --- the Vendor ID (profile 3.3) -------------------------------------------------------- */

static bool says_vendor(const struct gk_message *message, uint16_t signature_type)
{
    static const size_t size = 64;
    struct help_signer state = {&size, 1, 0};
    struct gk_signer signer = help_signer(&state);
    struct gk_writer to = {0};
    bool found;

    signer.type = signature_type;
    CU_ASSERT_TRUE_FATAL(gk_message_build(message, &signer, &to, NULL));
    found = memmem(to.data, to.size, vector_octets("vendor_id").data, 16) != NULL;
    gk_writer_free(&to);
    return found;
}

static void the_vendor_id_goes_with_private_values(void)
{
    static const uint8_t plain[] = {0, 0, 2, 1, 0, 12, 2, 0, 1};
    struct gk_message message;

    help_fill(&message, GK_REQUEST_TO_JOIN);
    message.key_creation_type = 2;
    message.notification[0].data = gk_octets(plain, sizeof plain);
    CU_ASSERT_FALSE(says_vendor(&message, 0));
    CU_ASSERT_TRUE(says_vendor(&message, 49153));
    message.key_creation_type = 49153;
    CU_ASSERT_TRUE(says_vendor(&message, 0));
    message.key_creation_type = 2;
    for (size_t i = 0; i < 3; i++) {
        uint8_t choices[sizeof plain];

        memcpy(choices, plain, sizeof plain);
        choices[3 * i + 1] = 0xc0;
        choices[3 * i + 2] = 0x01;
        message.notification[0].data = gk_octets(choices, sizeof choices);
        CU_ASSERT_TRUE(says_vendor(&message, 0));
    }
    help_fill(&message, GK_REKEY_EVENT);
    CU_ASSERT_TRUE(says_vendor(&message, 0));
    message.private_inside = false;
    CU_ASSERT_FALSE(says_vendor(&message, 0));
    help_fill(&message, GK_REQUEST_TO_JOIN_ERROR);
    message.signature.type = 49153; /* of no effect in a message without signature */
    CU_ASSERT_FALSE(says_vendor(&message, 49153));
}

const struct test_suite suite_message_build = {
    "message_build",
    {
        {"known answers are rebuilt", known_answers_are_rebuilt},
        {"known answers are signed again", known_answers_are_signed_again},
        {"other signature types are read", other_signature_types_are_read},
        {"what is built is read", what_is_built_is_read},
        {"what is built is appended", what_is_built_is_appended},
        {"lengths are signed until they agree", lengths_are_signed_until_they_agree},
        {"a right guess signs once", a_right_guess_signs_once},
        {"signing gives up", signing_gives_up},
        {"a broken signer is told", a_broken_signer_is_told},
        {"what a receiver would refuse is not built", what_a_receiver_would_refuse_is_not_built},
        {"sizes are bounded", sizes_are_bounded},
        {"the Vendor ID goes with private values", the_vendor_id_goes_with_private_values},
        {NULL, NULL},
    }};
