/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/reason.h"
#include "gsakmp/search.h"

static void reader_reads_big_endian(void)
{
    struct gk_reader reader = gk_reader(test_unhex("01020304050607f1f2f3f4f5f6f7f8ff"));

    CU_ASSERT_EQUAL(gk_read_u8(&reader), 0x01);
    CU_ASSERT_EQUAL(gk_read_u16(&reader), 0x0203);
    CU_ASSERT_EQUAL(gk_read_u32(&reader), 0x04050607);
    CU_ASSERT_EQUAL(gk_read_u64(&reader), 0xf1f2f3f4f5f6f7f8);
    CU_ASSERT_FALSE(gk_reader_done(&reader));
    CU_ASSERT_EQUAL(gk_read_u8(&reader), 0xff);
    CU_ASSERT_TRUE(gk_reader_done(&reader));
}

static void reader_error_is_sticky(void)
{
    struct gk_reader reader = gk_reader(test_unhex("010203"));

    CU_ASSERT_EQUAL(gk_read_u32(&reader), 0);
    CU_ASSERT_FALSE(gk_reader_ok(&reader));
    CU_ASSERT_EQUAL(gk_read_u8(&reader), 0);
    CU_ASSERT_FALSE(gk_reader_done(&reader));
    CU_ASSERT_EQUAL(gk_reader_left(&reader), 0);
}

static void sub_reader_keeps_offsets(void)
{
    struct gk_reader reader = gk_reader(test_unhex("0102030405"));
    struct gk_reader sub;

    (void)gk_read_u8(&reader);
    sub = gk_read_sub(&reader, 2);
    (void)gk_read_u8(&sub);
    CU_ASSERT_EQUAL(gk_reader_offset(&sub), 2);
    CU_ASSERT_EQUAL(gk_reader_offset(&reader), 3);
    sub = gk_read_sub(&reader, 9);
    CU_ASSERT_FALSE(gk_reader_ok(&sub));
    CU_ASSERT_FALSE(gk_reader_ok(&reader));
}

static void writer_reserves_and_fills(void)
{
    struct gk_writer writer = {0};
    size_t at;

    gk_write_u8(&writer, 7);
    at = gk_write_reserve(&writer, 2);
    gk_write_v(&writer, gk_octets_of("abc"));
    gk_write_u16_at(&writer, at, 0xbeef);
    CU_ASSERT_HEX(gk_writer_octets(&writer), "07beef0003616263");
    for (int i = 0; i < 1000; i++)
        gk_write_u64(&writer, 0x0102030405060708);
    CU_ASSERT_EQUAL(writer.size, 8008);
    gk_writer_cut(&writer, 1);
    CU_ASSERT_HEX(gk_writer_octets(&writer), "07");
    gk_writer_free(&writer);
}

static void writer_moves_into_a_secret(void)
{
    struct gk_writer writer = {0};
    struct gk_secret secret;

    gk_write_u16(&writer, 0x1234);
    secret = gk_writer_take(&writer);
    CU_ASSERT_EQUAL(writer.size, 0);
    CU_ASSERT_HEX(gk_secret_octets(&secret), "1234");
    gk_secret_free(&secret);
    CU_ASSERT_PTR_NULL(secret.data);
    gk_secret_free(&secret);
}

static void hexadecimal_is_checked(void)
{
    struct gk_writer writer = {0};

    CU_ASSERT_TRUE(gk_unhex("00fFa5", &writer));
    CU_ASSERT_HEX(gk_writer_octets(&writer), "00ffa5");
    CU_ASSERT_FALSE(gk_unhex("0", &writer));
    CU_ASSERT_FALSE(gk_unhex("0g", &writer));
    gk_writer_free(&writer);
}

static void foreign_text_is_escaped(void)
{
    char text[64];
    char small[12];

    CU_ASSERT_STRING_EQUAL(gk_escape(text, sizeof text, gk_octets_of("CN=a\n\"\x1b[0m")),
                           "CN=a\\x0a\\x22\\x1b\\x5b0m");
    CU_ASSERT_STRING_EQUAL(gk_escape(small, sizeof small, gk_octets_of("abcdefghijklmnop")),
                           "abcdefgh...");
}

static void order_and_equality(void)
{
    CU_ASSERT_TRUE(gk_octets_equal(GK_NO_OCTETS, GK_NO_OCTETS));
    CU_ASSERT_FALSE(gk_octets_equal(gk_octets_of("a"), gk_octets_of("b")));
    CU_ASSERT_TRUE(gk_octets_compare(gk_octets_of("a"), gk_octets_of("ab")) < 0);
    CU_ASSERT_TRUE(gk_octets_compare(gk_octets_of("b"), gk_octets_of("ab")) > 0);
    CU_ASSERT_TRUE(gk_octets_compare(gk_octets_of("ab"), gk_octets_of("ab")) == 0);
}

static void formatted_text(void)
{
    struct gk_writer writer = {0};

    gk_write_u8(&writer, '<');
    gk_write_format(&writer, "%s %d", "a", 17);
    gk_write_format(&writer, "%s", "");
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&writer), gk_octets_of("<a 17")));
    gk_writer_free(&writer);
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void lower_bounds(void)
{
    static const int sorted[] = {1, 3, 3, 3, 7};
    static const struct {
        int key;
        size_t at;
    } rows[] = {{0, 0}, {1, 0}, {2, 1}, {3, 1}, {4, 4}, {7, 4}, {8, 5}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CU_ASSERT_EQUAL(gk_lower_bound(&rows[i].key, sorted, 5, sizeof *sorted, by_value),
                        rows[i].at);
    CU_ASSERT_EQUAL(gk_lower_bound(&rows[0].key, NULL, 0, sizeof *sorted, by_value), 0);
}

const struct test_suite suite_octets = {
    "octets",
    {
        {"reader reads big-endian", reader_reads_big_endian},
        {"reader error is sticky", reader_error_is_sticky},
        {"sub-reader keeps offsets", sub_reader_keeps_offsets},
        {"writer reserves and fills", writer_reserves_and_fills},
        {"writer moves into a secret", writer_moves_into_a_secret},
        {"hexadecimal is checked", hexadecimal_is_checked},
        {"foreign text is escaped", foreign_text_is_escaped},
        {"order and equality", order_and_equality},
        {"formatted text", formatted_text},
        {"lower bounds", lower_bounds},
        {NULL, NULL},
    }};
