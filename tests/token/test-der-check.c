/* SPDX-License-Identifier: Apache-2.0 */
/* The generic walk: each form that BER allows and DER does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/reason.h"
#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/vectors.h"
#include "token/der-certificate.h"
#include "token/der-check.h"
#include "token/der-write.h"
#include "token/der.h"
#include "token/oid.h"

static void canonical_values_pass(void)
{
    static const char good[] = "0500 010100 0101ff 020100 02017f 02020080 0201ff 0202ff7f 0a0101 "
                               "0400 0401ff 030100 03020780 06012a 0603883703 1600 160141 "
                               "170d3236303130313030303030305a 180f32303236303130313030303030305a "
                               "181132303236303130313030303030302e355a 3000 3100 "
                               "3106020101020102 3106020101020101 a003020101 800101 "
                               "30050201010500 9f1f00 bf8102020500";
    char *copy = gk_strdup(good);
    char *rest = copy;
    char *hex;

    while ((hex = strsep(&rest, " "))) {
        struct gk_reason why = {0};

        if (!der_check(test_unhex(hex), &why)) {
            printf("\n    %s: %s\n", hex, why.text);
            CU_FAIL("a canonical value is refused");
        }
    }
    free(copy);
}

static void other_forms_are_refused(void)
{
    static const struct {
        const char *hex;
        const char *code;
        size_t offset;
    } cases[] = {
        {"", "der-truncated", 0},
        {"02", "der-truncated", 0},
        {"0202", "der-truncated", 0},
        {"020201", "der-truncated", 0},
        {"0482", "der-truncated", 0},
        {"30020201", "der-truncated", 2},
        {"020101ff", "der-trailing", 3},
        {"02810101", "der-length", 0},
        {"0482007f", "der-length", 0},
        {"04850000000001aa", "der-length", 0},
        {"0484ffffffff", "der-truncated", 0},
        {"30800000", "der-indefinite", 0},
        {"24030401aa", "der-constructed", 0},
        {"2203020101", "der-constructed", 0},
        {"1000", "der-constructed", 0},
        {"1100", "der-constructed", 0},
        {"36030201aa", "der-constructed", 0},
        {"0000", "der-tag", 0},
        {"0e00", "der-constructed", 0},
        {"1f1e00", "der-tag", 0},
        {"1f802000", "der-tag", 0},
        {"bfffffffff7f00", "der-tag", 0},
        {"bf", "der-truncated", 0},
        {"0100", "der-boolean", 0},
        {"010101", "der-boolean", 0},
        {"0102ffff", "der-boolean", 0},
        {"0200", "der-integer", 0},
        {"0202007f", "der-integer", 0},
        {"0202ff80", "der-integer", 0},
        {"0a020001", "der-integer", 0},
        {"0300", "der-bit-string", 0},
        {"030101", "der-bit-string", 0},
        {"03020880", "der-bit-string", 0},
        {"03020781", "der-bit-string", 0},
        {"050100", "der-null", 0},
        {"0600", "der-oid", 0},
        {"06022a86", "der-oid", 0},
        {"06032a8001", "der-oid", 0},
        {"0602802a", "der-oid", 0},
        {"160180", "der-ia5", 0},
        {"170b323630313031303030305a", "der-time", 0},
        {"170c323630313031303030303030", "der-time", 0},
        {"170d3236313330313030303030305a", "der-time", 0},
        {"1711323630313031303030303030"
         "2b30313030",
         "der-time", 0},
        {"180f32303236303233303030303030305a", "der-time", 0},
        {"180e3230323630313031303030303030", "der-time", 0},
        {"181032303236303130313030303030302e5a", "der-time", 0},
        {"181132303236303130313030303030302e305a", "der-time", 0},
        {"181132303236303130313030303030302c355a", "der-time", 0},
        {"181132303236303130313030303030302e415a", "der-time", 0},
        {"1800", "der-time", 0},
        {"3106020102020101", "der-set-order", 5},
        {"30080201010503aabbcc", "der-null", 5},
        {"a00302010105", "der-trailing", 5},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_reason why = {.code = "accepted"};
        bool good = der_check(test_unhex(cases[i].hex), &why);

        if (good || strcmp(why.code, cases[i].code) != 0 || why.offset != cases[i].offset) {
            printf("\n    %s: %s at %zu, want %s at %zu\n", cases[i].hex, why.code, why.offset,
                   cases[i].code, cases[i].offset);
            CU_FAIL("not refused as expected");
        }
    }
}

static void nesting_is_bounded(void)
{
    struct gk_writer writer = {0};

    for (size_t i = 0; i < 33; i++)
        der_close(&writer, 0, DER_SEQUENCE);
    CU_ASSERT_TRUE(der_check(gk_writer_octets(&writer), NULL));
    der_close(&writer, 0, DER_SEQUENCE);
    CU_ASSERT_FALSE(der_check(gk_writer_octets(&writer), NULL));
    gk_writer_cut(&writer, 0);
    while (writer.size < 60000)
        gk_write(&writer, "\x30\x84\x00\x01\x00\x00", 6);
    CU_ASSERT_FALSE(der_check(gk_writer_octets(&writer), NULL));
    gk_writer_free(&writer);
}

static void integers_are_written_minimally(void)
{
    static const int64_t values[] = {0,      1,     -1,        127,       128,      -128,
                                     -129,   255,   256,       32767,     32768,    -32768,
                                     -32769, 49153, 1LL << 31, INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct gk_writer writer = {0};
        int64_t back = 0;

        der_write_integer(&writer, DER_INTEGER, values[i]);
        CU_ASSERT_TRUE(der_check(gk_writer_octets(&writer), NULL));
        back = writer.data[2] & 0x80 ? -1 : 0;
        for (size_t at = 2; at < writer.size; at++)
            back = (int64_t)((uint64_t)back << 8 | writer.data[at]);
        CU_ASSERT_EQUAL(back, values[i]);
        gk_writer_free(&writer);
    }
}

static void oids_return(void)
{
    static const struct {
        const char *text;
        const char *hex;
    } cases[] = {
        {"0.0", "00"},
        {"0.39", "27"},
        {"1.0", "28"},
        {"1.3.6.1.5.5.12.3.1", "2b060105050c0301"},
        {"2.0", "50"},
        {"2.47", "7f"},
        {"2.48", "8100"},
        {"2.999.3", "883703"},
        {"1.2.840.113549.1.7.2", "2a864886f70d010702"},
        {"1.2.18446744073709551615", "2a81ffffffffffffffff7f"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_writer writer = {0};
        char text[OID_TEXT];

        CU_ASSERT_TRUE(oid_from_text(cases[i].text, &writer));
        CU_ASSERT_HEX(gk_writer_octets(&writer), cases[i].hex);
        CU_ASSERT_TRUE(oid_to_text(test_unhex(cases[i].hex), text));
        CU_ASSERT_STRING_EQUAL(text, cases[i].text);
        gk_writer_free(&writer);
    }
}

static void bad_oids_are_refused(void)
{
    static const char *const texts[] = {"",
                                        "1",
                                        "1.",
                                        ".1",
                                        "1..2",
                                        "3.1",
                                        "0.40",
                                        "1.40",
                                        "1.02",
                                        "1.2x",
                                        "1.-2",
                                        "1.2.",
                                        " 1.2",
                                        "1.2 ",
                                        "01.2",
                                        "2.18446744073709551600",
                                        "1.2.18446744073709551616"};
    static const char *const octets[] = {"", "2a86", "2a8001", "80", "2a82808080808080808000"};
    struct gk_writer writer = {0};
    char text[OID_TEXT];
    char longest[OID_TEXT + 1];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_FALSE(oid_from_text(texts[i], &writer));
    for (size_t i = 0; i < sizeof octets / sizeof *octets; i++)
        CU_ASSERT_FALSE(oid_to_text(test_unhex(octets[i]), text));
    memset(longest, '1', sizeof longest);
    for (size_t i = 1; i < OID_TEXT; i += 2)
        longest[i] = '.';
    longest[OID_TEXT - 1] = '\0';
    CU_ASSERT_TRUE(oid_from_text(longest, &writer));
    CU_ASSERT_TRUE(oid_to_text(gk_writer_octets(&writer), text));
    gk_write_u8(&writer, 1);
    CU_ASSERT_FALSE(oid_to_text(gk_writer_octets(&writer), text));
    gk_writer_cut(&writer, 0);
    longest[OID_TEXT - 1] = '1';
    longest[OID_TEXT] = '\0';
    CU_ASSERT_FALSE(oid_from_text(longest, &writer));
    CU_ASSERT_EQUAL(writer.size, 0);
    gk_writer_free(&writer);
}

/* Extension values and signature values lie outside the generic walk. */
static void certificates_are_searched(void)
{
    struct gk_octets good = vector_octets("entities/inter/certificate");
    char *hex = gk_hex(good);
    struct der_certificate parts;
    struct gk_reason why = {0};
    char *at;

    CU_ASSERT_TRUE(der_check_certificate(good, &parts, NULL));
    CU_ASSERT_HEX(parts.subject_key_id, vector_text("entities/inter/ski"));
    CU_ASSERT_HEX(parts.serial, "03ea");
    at = strstr(hex, "30060101ff020100"); /* basicConstraints: cA TRUE becomes 01 */
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, "3006010101020100", 16);
    CU_ASSERT_TRUE(der_check(test_unhex(hex), NULL));
    CU_ASSERT_FALSE(der_check_certificate(test_unhex(hex), NULL, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "der-boolean");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "tbsCertificate.extensions[0].extnValue"));
    free(hex);
}

#define CERTIFICATE(version, key, extension)                                                       \
    "30{30{" version " 020105 30{} 30{} 30{} 30{} 30{30{06{" key                                   \
    "}} 03{00 0202007f}} a3{30{30{" extension "}}}} 30{06{2b6570}} 03{00}}"
#define V3  "a0{020102}"
#define EC  "2a8648ce3d0201"
#define RSA "2a864886f70d010101"

/* What only the type tells: defaults, named bits, versions, keys. */
static void certificates_say_no_default(void)
{
    static const struct {
        const char *notation;
        const char *code;
    } cases[] = {
        {CERTIFICATE(V3, EC, "06{551d13} 0101ff 04{30{}}"), NULL},
        {CERTIFICATE(V3, EC, "06{551d13} 04{30{0101ff 020100}}"), NULL},
        {CERTIFICATE(V3, EC, "06{551d0f} 04{03020780}"), NULL},
        {CERTIFICATE(V3, EC, "06{551d0f} 04{030100}"), NULL},
        {CERTIFICATE("a0{020101}", EC, "06{2a03} 04{0500}"), NULL},
        {CERTIFICATE("", EC, "06{2a03} 04{0500}"), NULL},
        {CERTIFICATE("a0{020100}", EC, "06{2a03} 04{0500}"), "der-default"},
        {CERTIFICATE("a0{020103}", EC, "06{2a03} 04{0500}"), "der-version"},
        {CERTIFICATE(V3, EC, "06{2a03} 010100 04{0500}"), "der-default"},
        {CERTIFICATE(V3, EC, "06{551d13} 04{30{010100}}"), "der-default"},
        {CERTIFICATE(V3, EC, "06{551d0f} 04{03020680}"), "der-bit-string"},
        {CERTIFICATE(V3, EC, "06{551d0f} 04{03020000}"), "der-bit-string"},
        {CERTIFICATE(V3, EC, "06{2a03} 04{}"), "der-truncated"},
        {CERTIFICATE(V3, RSA, "06{2a03} 04{0500}"), "der-integer"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_reason why = {.code = "accepted"};
        bool good = der_check_certificate(build_der(cases[i].notation), NULL, &why);

        if (good == !!cases[i].code || (cases[i].code && strcmp(why.code, cases[i].code) != 0)) {
            printf("\n    %s: %s: %s\n", cases[i].notation, why.code, why.text);
            CU_FAIL("not judged as expected");
        }
    }
}

static void signature_values_are_strict(void)
{
    struct gk_octets r;
    struct gk_octets s;

    CU_ASSERT_TRUE(der_check_signature(test_unhex("300702010102020080"), &r, &s, NULL));
    CU_ASSERT_HEX(r, "01");
    CU_ASSERT_HEX(s, "80");
    CU_ASSERT_FALSE(der_check_signature(test_unhex("3006020101020180"), NULL, NULL, NULL));
    CU_ASSERT_FALSE(der_check_signature(test_unhex("3006020100020101"), NULL, NULL, NULL));
    CU_ASSERT_FALSE(der_check_signature(test_unhex("300702020001020101"), NULL, NULL, NULL));
    CU_ASSERT_FALSE(der_check_signature(test_unhex("300602010102010100"), NULL, NULL, NULL));
    CU_ASSERT_FALSE(der_check_signature(test_unhex("3009020101020101020101"), NULL, NULL, NULL));
    CU_ASSERT_FALSE(der_check_signature(test_unhex("3003020101"), NULL, NULL, NULL));
}

const struct test_suite suite_der_check = {
    "der_check",
    {
        {"canonical values pass", canonical_values_pass},
        {"other forms are refused", other_forms_are_refused},
        {"nesting is bounded", nesting_is_bounded},
        {"integers are written minimally", integers_are_written_minimally},
        {"OIDs return", oids_return},
        {"bad OIDs are refused", bad_oids_are_refused},
        {"certificates are searched", certificates_are_searched},
        {"certificates say no default", certificates_say_no_default},
        {"signature values are strict", signature_values_are_strict},
        {NULL, NULL},
    }};
