/* SPDX-License-Identifier: Apache-2.0 */
/* Values and forms inside payloads (RFC 4535 7.3 to 7.12, profile 3, 4.3, 5.1, 6.2). */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "gsakmp/registry.h"
#include "tests/gsakmp/message-help.h"

/* Puts every value of the field into the message; exactly those listed are taken. The list
 * ends with -1. */
static void only_these(struct gk_octets octets, size_t at, size_t width, const int32_t *list,
                       uint16_t notification)
{
    struct gk_group group = help_group();
    struct gk_writer copy = {0};
    unsigned wrong = 0;

    gk_write_octets(&copy, octets);
    for (uint32_t value = 0; value >> (8 * width) == 0; value++) {
        struct gk_message message;
        struct gk_reason why;
        bool listed = false;
        bool good;

        if (width == 2)
            gk_write_u16_at(&copy, at, (uint16_t)value);
        else
            copy.data[at] = (uint8_t)value;
        for (size_t i = 0; list[i] >= 0; i++)
            listed = listed || (uint32_t)list[i] == value;
        good = gk_message_parse(&message, gk_writer_octets(&copy), &group, GK_EXCHANGE_ANY, &why);
        if (good != listed || (!good && why.notification != notification)) {
            printf("\n    value %u is %s\n", value, good ? "taken" : why.text);
            wrong++;
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    gk_writer_free(&copy);
}

static size_t place(struct gk_octets octets, uint8_t type)
{
    struct help_chain chain = help_take(octets);

    return chain.part[help_where(&chain, type)].at + 4;
}

/* A message without any private-use value: type 2 and 14, no Vendor ID. */
static struct gk_octets plain_join(void)
{
    struct help_chain chain = help_take(help_message(GK_REQUEST_TO_JOIN));
    size_t signature = help_where(&chain, GK_PAYLOAD_SIGNATURE);
    struct gk_octets octets;

    help_remove(&chain, help_where(&chain, GK_PAYLOAD_VENDOR_ID));
    for (int i = 0; i < 4; i++)
        help_remove(&chain, help_where(&chain, GK_PAYLOAD_NOTIFICATION));
    signature = help_where(&chain, GK_PAYLOAD_SIGNATURE);
    octets = help_put(&chain);
    octets = help_patch(octets, help_take(octets).part[signature].at + 4, "0000");
    return help_patch(octets, place(octets, GK_PAYLOAD_KEY_CREATION), "0002");
}

static struct gk_octets private_join(void)
{
    struct help_chain chain = help_take(help_message(GK_REQUEST_TO_JOIN));

    for (int i = 0; i < 4; i++)
        help_remove(&chain, help_where(&chain, GK_PAYLOAD_NOTIFICATION));
    return help_put(&chain);
}

static void key_creation_types(void)
{
    struct gk_octets octets = plain_join();

    CU_ASSERT_TRUE(help_accepted(octets));
    only_these(octets, place(octets, GK_PAYLOAD_KEY_CREATION), 2, (const int32_t[]){2, 14, -1},
               GK_PAYLOAD_MALFORMED);
    octets = private_join();
    only_these(octets, place(octets, GK_PAYLOAD_KEY_CREATION), 2,
               (const int32_t[]){2, 14, 49153, 49154, -1}, GK_PAYLOAD_MALFORMED);
    CU_ASSERT_TRUE(help_refused(help_body(octets, GK_PAYLOAD_KEY_CREATION, "c001"),
                                GK_PAYLOAD_MALFORMED, "key-creation-empty"));
}

static void signature_types(void)
{
    struct gk_octets octets = plain_join();

    only_these(octets, place(octets, GK_PAYLOAD_SIGNATURE), 2, (const int32_t[]){0, 1, 2, -1},
               GK_PAYLOAD_MALFORMED);
    octets = private_join();
    only_these(octets, place(octets, GK_PAYLOAD_SIGNATURE), 2,
               (const int32_t[]){0, 1, 2, 49153, 49154, 49155, 49156, -1}, GK_PAYLOAD_MALFORMED);
}

/* Profile 4.3: other types of the table are no names of a signer. */
static void signer_id_types(void)
{
    struct gk_octets octets = plain_join();
    size_t at = place(octets, GK_PAYLOAD_SIGNATURE) + 2;
    char hex[3];

    for (unsigned type = 0; type < 256; type++) {
        bool known = gk_registry_allows(GK_REGISTRY_ID, type, true);

        (void)snprintf(hex, sizeof hex, "%02x", type);
        CU_ASSERT_TRUE(help_judged(help_patch(octets, at, hex), type == 31,
                                   known ? GK_INVALID_ID_INFORMATION : GK_PAYLOAD_MALFORMED,
                                   known ? "signer-id-type" : "unknown-value"));
    }
}

static void certificate_types(void)
{
    struct gk_octets octets = plain_join();

    only_these(octets, place(octets, GK_PAYLOAD_CERTIFICATE), 2, (const int32_t[]){4, 7, -1},
               GK_CERT_TYPE_UNSUPPORTED);
}

static void token_types(void)
{
    struct gk_octets octets = help_message(GK_KEY_DOWNLOAD);

    only_these(octets, place(octets, GK_PAYLOAD_POLICY_TOKEN), 2, (const int32_t[]){1, -1},
               GK_PAYLOAD_MALFORMED);
}

static void identification_types(void)
{
    struct gk_octets octets = help_message(GK_KEY_DOWNLOAD);
    size_t at = place(octets, GK_PAYLOAD_IDENTIFICATION) + 1;

    /* The data are 5 octets: an address or an unencoded name has another form. */
    only_these(octets, at, 1, (const int32_t[]){2, 3, 9, 11, 31, -1}, GK_PAYLOAD_MALFORMED);
}

static void identification_forms(void)
{
    static const struct {
        const char *body;
        bool good;
    } forms[] = {
        {"010101020304", true},
        {"0101010203", false},
        {"01010102030405", false},
        {"01050102030405060708090a0b0c0d0e0f10", true},
        {"01050102030405060708090a0b0c0d0e0f", false},
        {"011e0000000000000000000000000000000000000001000000022f41", true},
        {"011e0000000000000000000000000000000000000000000000022f41", false},
        {"011e0000000000000000000000000000000000000001000000032f41", false},
        {"011e0000000000000000000000000000000000000001000000012f41", false},
        {"011e00000000000000000000000000000000000000010000", false},
        {"01", false},
        {"", false},
    };
    struct gk_octets octets = help_message(GK_KEY_DOWNLOAD);

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_IDENTIFICATION, forms[i].body),
                                   forms[i].good, GK_PAYLOAD_MALFORMED, NULL));
}

/* A body of a type octet and `size` octets 0x61. */
static const char *filled(const char *head, size_t size)
{
    static char text[4096];
    size_t at = strlen(head);

    strcpy(text, head);
    for (size_t i = 0; i < size; i++, at += 2)
        strcpy(text + at, "61");
    return text;
}

static void nonce_sizes(void)
{
    struct gk_octets plain = plain_join();
    struct gk_octets ours = private_join();

    for (size_t size = 0; size < 260; size++) {
        struct gk_octets octets = help_body(plain, GK_PAYLOAD_NONCE, filled("01", size));

        CU_ASSERT_TRUE(
            help_judged(octets, size >= 4 && size <= 256, GK_PAYLOAD_MALFORMED, "nonce-size"));
        octets = help_body(ours, GK_PAYLOAD_NONCE, filled("01", size));
        CU_ASSERT_TRUE(help_judged(octets, size == 32, GK_PAYLOAD_MALFORMED, "nonce-size"));
    }
    CU_ASSERT_TRUE(
        help_refused(help_body(plain, GK_PAYLOAD_NONCE, ""), GK_PAYLOAD_MALFORMED, "payload-cut"));
}

static void nonce_types(void)
{
    struct gk_octets octets = help_message(GK_KEY_DOWNLOAD_ACK);

    only_these(octets, place(octets, GK_PAYLOAD_NONCE), 1, (const int32_t[]){3, -1},
               GK_PAYLOAD_MALFORMED);
}

static void acknowledgements_are_simple(void)
{
    static const struct {
        const char *body;
        bool good;
    } acks[] = {{"001700", true}, {"0017", false},  {"00170000", false}, {"001701", false},
                {"001a", true},   {"001aff", true}, {"0007", true},      {"0007aabbcc", true}};
    struct gk_octets octets = help_message(GK_DEPARTURE_ACK);

    for (size_t i = 0; i < sizeof acks / sizeof *acks; i++)
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_NOTIFICATION, acks[i].body),
                                   acks[i].good, GK_PAYLOAD_MALFORMED, "ack-data"));
    CU_ASSERT_TRUE(help_refused(help_body(octets, GK_PAYLOAD_NOTIFICATION, "00"),
                                GK_PAYLOAD_MALFORMED, "payload-cut"));
}

static void cookie_sizes(void)
{
    struct gk_octets octets = help_message(GK_COOKIE_DOWNLOAD);

    for (size_t size = 0; size < 1040; size += size < 8 || size > 1020 ? 1 : 100)
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_NOTIFICATION, filled("001b", size)),
                                   size >= 1 && size <= 1024, GK_PAYLOAD_MALFORMED,
                                   "notification-size"));
}

static void address_sizes(void)
{
    struct gk_octets octets = help_message(GK_REQUEST_TO_JOIN);

    for (size_t size = 0; size < 20; size++) {
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_NOTIFICATION, filled("0022", size)),
                                   false, GK_PAYLOAD_MALFORMED,
                                   size == 4 ? "notification-repeated" : "notification-size"));
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_NOTIFICATION, filled("0023", size)),
                                   false, GK_PAYLOAD_MALFORMED,
                                   size == 16 ? "notification-repeated" : "notification-size"));
    }
}

static void mechanism_choices(void)
{
    static const struct {
        const char *choices;
        const char *code; /* NULL: taken */
    } rows[] = {
        {"00c00101c00202c001", NULL},
        {"02000101000c00c001", NULL},
        {"00c001", NULL},
        {"01000d", NULL}, /* known, and refused behind the codec (profile 8.4) */
        {"010003", NULL},
        {"01c003", NULL},
        {"", "choices-length"},
        {"00", "choices-length"},
        {"00c0", "choices-length"},
        {"00c00101", "choices-length"},
        {"00c00101c0", "choices-length"},
        {"00c00100c001", "choice-repeated"},
        {"01000c01000c", "choice-repeated"},
        {"020001020001", "choice-repeated"},
        {"03c001", "unknown-value"},
        {"c1c001", "unknown-value"},
        {"000000", "unknown-value"},
        {"000003", "unknown-value"},
        {"00c003", "unknown-value"},
        {"010000", "unknown-value"},
        {"01000e", "unknown-value"},
        {"01c004", "unknown-value"},
        {"020000", "unknown-value"},
        {"020002", "unknown-value"},
        {"02c002", "unknown-value"},
        {"000002", "choices-differ"},
        {"00c002", "choices-differ"},
    };
    struct gk_octets octets = help_message(GK_REQUEST_TO_JOIN);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[64];

        (void)snprintf(body, sizeof body, "001d%s", rows[i].choices);
        CU_ASSERT_TRUE(help_judged(help_body(octets, GK_PAYLOAD_NOTIFICATION, body), !rows[i].code,
                                   GK_PAYLOAD_MALFORMED, rows[i].code));
    }
}

static void choices_are_written_in_order(void)
{
    struct gk_choices choices = {.has_key_creation = true,
                                 .has_key_wrap = true,
                                 .has_nonce_hash = true,
                                 .key_creation = 49153,
                                 .key_wrap = 49154,
                                 .nonce_hash = 49153};
    struct gk_choices again;
    struct gk_writer to = {0};

    gk_choices_write(&choices, &to);
    CU_ASSERT_HEX(gk_writer_octets(&to), "00c00101c00202c001");
    CU_ASSERT_TRUE(gk_choices_parse(&again, gk_writer_octets(&to), 0, NULL));
    CU_ASSERT_EQUAL(again.nonce_hash, 49153);
    gk_writer_cut(&to, 0);
    choices.has_key_wrap = false;
    gk_choices_write(&choices, &to);
    CU_ASSERT_HEX(gk_writer_octets(&to), "00c00102c001");
    CU_ASSERT_TRUE(gk_choices_parse(&again, gk_writer_octets(&to), 0, NULL));
    CU_ASSERT_FALSE(again.has_key_wrap);
    gk_writer_free(&to);
}

/* Profile 3.3. */
static void private_values_need_the_vendor_id(void)
{
    struct gk_octets join = private_join();
    struct help_chain chain = help_take(join);
    size_t at = help_where(&chain, GK_PAYLOAD_VENDOR_ID);
    struct gk_octets ours = chain.part[at].body;
    struct gk_message message;

    chain.part[at].body = test_unhex("00112233");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "private-value"));
    help_insert(&chain, at + 1, GK_PAYLOAD_VENDOR_ID, ours);
    help_parse(&message, help_put(&chain));
    CU_ASSERT_TRUE(message.vendor);
    chain.part[at].body = test_unhex("001122");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "vendor-id-size"));
    help_remove(&chain, at);
    /* Read before anything else is judged: it may stand anywhere before the signature. */
    help_remove(&chain, at);
    help_insert(&chain, 0, GK_PAYLOAD_VENDOR_ID, ours);
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    help_remove(&chain, 0);
    help_insert(&chain, help_where(&chain, GK_PAYLOAD_SIGNATURE), GK_PAYLOAD_VENDOR_ID, ours);
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    help_remove(&chain, help_where(&chain, GK_PAYLOAD_VENDOR_ID));
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "private-value"));
}

static void stamps_are_times(void)
{
    struct gk_octets octets = plain_join();
    size_t at = place(octets, GK_PAYLOAD_SIGNATURE) + 3;

    CU_ASSERT_TRUE(help_accepted(help_patch(octets, at, "39393939")));
    CU_ASSERT_TRUE(help_refused(help_patch(octets, at + 14, "7a"), GK_PAYLOAD_MALFORMED, "stamp"));
    CU_ASSERT_TRUE(help_refused(help_patch(octets, at + 4, "3133"), GK_PAYLOAD_MALFORMED, "stamp"));
}

#define GROUP_HEX "a1a2a3a4a5a6a7a8766563746f7273"
#define STAMP_HEX "32303236303130313030303030305a"

static void rekey_events(void)
{
    static const struct {
        const char *body;
        uint16_t notification; /* 0: taken */
        const char *code;
    } rows[] = {
        {"00" GROUP_HEX STAMP_HEX "00010000", 0, NULL},
        {"01" GROUP_HEX STAMP_HEX "01010000", 0, NULL},
        {"01" GROUP_HEX STAMP_HEX "010100010001000000020a0b0c0dff", 0, NULL},
        {"02" GROUP_HEX STAMP_HEX "02010000", 7, "unknown-value"},
        {"c1" GROUP_HEX STAMP_HEX "c1010000", 7, "unknown-value"},
        {"01a1a2a3a4a5a6a7a8766563746f7274" STAMP_HEX "01010000", 5, "rekey-group"},
        {"01" GROUP_HEX "32303236303130313030303036305a01010000", 7, "stamp"},
        {"01" GROUP_HEX STAMP_HEX "00010000", 7, "rekey-type"},
        {"00" GROUP_HEX STAMP_HEX "01010000", 7, "rekey-type"},
        {"01" GROUP_HEX STAMP_HEX "01000000", 7, "rekey-version"},
        {"01" GROUP_HEX STAMP_HEX "01020000", 7, "rekey-version"},
        {"00" GROUP_HEX STAMP_HEX "00020000", 7, "rekey-version"},
        {"00" GROUP_HEX STAMP_HEX "00010001", 7, "rekey-none-data"},
        {"00" GROUP_HEX STAMP_HEX "0001000000", 7, "rekey-none-data"},
        {"00" GROUP_HEX STAMP_HEX "000100010001000000020a0b0c0dff", 7, "rekey-none-data"},
        {"01" GROUP_HEX STAMP_HEX "010100020001000000020a0b0c0dff", 7, "rekey-data-cut"},
        {"01" GROUP_HEX STAMP_HEX "010100000001000000020a0b0c0dff", 7, "payload-rest"},
        {"01" GROUP_HEX STAMP_HEX "010100010002000000020a0b0c0dff", 7, "rekey-data-cut"},
        {"01" GROUP_HEX STAMP_HEX "010100010000000000020a0b0c0dff", 7, "payload-rest"},
        {"01" GROUP_HEX STAMP_HEX "010100", 7, "payload-cut"},
        {"", 7, "payload-cut"},
    };
    struct help_chain chain = help_take(help_message(GK_REKEY_EVENT));
    size_t at = help_where(&chain, GK_PAYLOAD_REKEY_EVENT);

    help_remove(&chain, at);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        chain.part[at].body = test_unhex(rows[i].body);
        CU_ASSERT_TRUE(help_judged(help_put(&chain), !rows[i].notification, rows[i].notification,
                                   rows[i].code));
    }
}

/* Profile 9.10. */
static void rekey_events_agree(void)
{
    struct help_chain chain = help_take(help_message(GK_REKEY_EVENT));
    size_t at = help_where(&chain, GK_PAYLOAD_REKEY_EVENT);

    chain.part[at].body = test_unhex("01" GROUP_HEX STAMP_HEX "01010000");
    CU_ASSERT_TRUE(help_accepted(help_put(&chain)));
    chain.part[at].body = test_unhex("00" GROUP_HEX STAMP_HEX "00010000");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "rekey-differ"));
    chain.part[at].body = test_unhex("01" GROUP_HEX "32303236303130313030303030315a"
                                     "01010000");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "rekey-differ"));
}

const struct test_suite suite_message_values = {
    "message_values",
    {
        {"key creation types", key_creation_types},
        {"signature types", signature_types},
        {"signer id types", signer_id_types},
        {"certificate types", certificate_types},
        {"token types", token_types},
        {"identification types", identification_types},
        {"identification forms", identification_forms},
        {"nonce sizes", nonce_sizes},
        {"nonce types", nonce_types},
        {"acknowledgements are simple", acknowledgements_are_simple},
        {"cookie sizes", cookie_sizes},
        {"address sizes", address_sizes},
        {"mechanism choices", mechanism_choices},
        {"choices are written in order", choices_are_written_in_order},
        {"private values need the Vendor ID", private_values_need_the_vendor_id},
        {"stamps are times", stamps_are_times},
        {"rekey events", rekey_events},
        {"rekey events agree", rekey_events_agree},
        {NULL, NULL},
    }};
