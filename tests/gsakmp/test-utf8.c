/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include "gsakmp/utf8.h"

/* As RFC 3629 3 fills the bits in, whatever the value. */
static size_t encode(uint32_t code, uint8_t to[4])
{
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = size; i-- > 1; code >>= 6)
        to[i] = (uint8_t)(0x80 | (code & 0x3f));
    to[0] = (uint8_t)(first[size] | code);
    return size;
}

static void takes_every_character_and_no_surrogate(void)
{
    uint32_t code = 0;
    bool as_told = true;

    for (; as_told && code < 0x200000; code++) {
        uint8_t octets[4];
        size_t size = encode(code, octets);
        bool good = code < 0xd800 || (code > 0xdfff && code <= 0x10ffff);

        as_told = gk_utf8_character(gk_octets(octets, size)) == (good ? size : 0);
    }
    CU_ASSERT_EQUAL(code, 0x200000);
}

static void plain_text_moves_nothing(void)
{
    static const struct {
        const char *text, *plain;
    } rows[] = {
        {"a name.xml", "a name.xml"},
        {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", NULL},
        {"a\nb\tc\x1b[1m\x7f", "a\\x0ab\\x09c\\x1b[1m\\x7f"},
        {"\xc2\x9b\xc2\xa0", "\\xc2\\x9b\xc2\xa0"},
        {"\xc2\xad\xd8\x9c", "\\xc2\\xad\\xd8\\x9c"},
        {"\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa6"},
        {"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"", ""}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gk_writer to = {0};
        const char *plain = rows[i].plain ? rows[i].plain : rows[i].text;

        gk_utf8_plain(gk_octets_of(rows[i].text), &to);
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), gk_octets_of(plain)));
        gk_writer_free(&to);
    }
}

static void refuses_other_octets(void)
{
    static const char *const bad[] = {"80",     "bf",       "c0",       "c080",     "c1bf",
                                      "e0809f", "e09fbf",   "f0808080", "f08fbfbf", "f4908080",
                                      "f5",     "f8808080", "fe",       "ff",       "c3",
                                      "c328",   "e282",     "e28228",   "f09f98",   "f09f9828"};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_EQUAL(gk_utf8_character(test_unhex(bad[i])), 0);
    CU_ASSERT_EQUAL(gk_utf8_character(GK_NO_OCTETS), 0);
}

static void judges_whole_texts(void)
{
    CU_ASSERT_TRUE(gk_utf8_is(GK_NO_OCTETS));
    CU_ASSERT_TRUE(gk_utf8_is(test_unhex("41c3bce282acf09f9880")));
    CU_ASSERT_FALSE(gk_utf8_is(test_unhex("41c3bce282acf09f98")));
    CU_ASSERT_FALSE(gk_utf8_is(test_unhex("41ff42")));
}

const struct test_suite suite_utf8 = {
    "utf8",
    {
        {"takes every character and no surrogate", takes_every_character_and_no_surrogate},
        {"refuses other octets", refuses_other_octets},
        {"judges whole texts", judges_whole_texts},
        {"plain text moves nothing", plain_text_moves_nothing},
        {NULL, NULL},
    }};
