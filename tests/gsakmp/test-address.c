/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include "gsakmp/engine.h"

static bool parses(const char *text, struct gk_address *address)
{
    return gk_address_parse(text, 3761, address);
}

static void both_families_return(void)
{
    static const struct {
        const char *text, *formatted;
    } known[] = {
        {"192.0.2.1", "192.0.2.1:3761"},
        {"192.0.2.1:65535", "192.0.2.1:65535"},
        {"2001:db8::1", "[2001:db8::1]:3761"},
        {"[2001:DB8:0:0::1]", "[2001:db8::1]:3761"},
        {"[::1]:9", "[::1]:9"},
        {"[ff15::7]:3762", "[ff15::7]:3762"},
        {"fe80::1%2", "[fe80::1%2]:3761"},
        {"[ff02::1%4294967]:1", "[ff02::1%4294967]:1"},
        {"::ffff:192.0.2.1", "192.0.2.1:3761"},
    };
    char text[GK_ADDRESS_TEXT];

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct gk_address address;
        struct gk_address again;

        CU_ASSERT_TRUE(parses(known[i].text, &address));
        CU_ASSERT_STRING_EQUAL(gk_address_format(&address, text), known[i].formatted);
        CU_ASSERT_TRUE(parses(text, &again));
        CU_ASSERT_TRUE(gk_address_equal(&address, &again));
    }
}

static void what_is_none_is_refused(void)
{
    static const char *const wrong[] = {
        "",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:",
        "192.0.2.1:1x",
        "192.0.2",
        "host.example",
        "[::1",
        "[::1]9",
        "[::1]:",
        "[::1]:-1",
        "2001:db8::1%2",
        "192.0.2.1%2",
        "fe80::1%",
        "fe80::1%0",
        "fe80::1%x",
        "fe80::1%2%3",
        "ff05::1%2",
        "fe80::1%99999999999",
    };
    struct gk_address address;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (parses(wrong[i], &address))
            CU_FAIL(wrong[i]);
    }
}

/* One and the same number on two links is two hosts. */
static void link_is_part_of_the_address(void)
{
    struct gk_address a;
    struct gk_address b;

    CU_ASSERT_TRUE(parses("fe80::1%2", &a) && parses("fe80::1%3", &b));
    CU_ASSERT_FALSE(gk_address_equal(&a, &b));
    b.scope = 2;
    CU_ASSERT_TRUE(gk_address_equal(&a, &b));
    b.port++;
    CU_ASSERT_FALSE(gk_address_equal(&a, &b));
    CU_ASSERT_TRUE(gk_address_is_link_local(&a));
    CU_ASSERT_TRUE(parses("febf::1", &a) && gk_address_is_link_local(&a));
    CU_ASSERT_TRUE(parses("fec0::1", &a) && !gk_address_is_link_local(&a));
    CU_ASSERT_TRUE(parses("ff12::1", &a) && gk_address_is_link_local(&a));
    CU_ASSERT_TRUE(parses("ff15::1", &a) && !gk_address_is_link_local(&a));
    CU_ASSERT_TRUE(parses("169.254.1.1", &a) && !gk_address_is_link_local(&a));
}

static void multicast_is_told(void)
{
    struct gk_address address;

    CU_ASSERT_TRUE(parses("224.0.0.1", &address) && gk_address_is_multicast(&address));
    CU_ASSERT_TRUE(parses("239.255.255.255", &address) && gk_address_is_multicast(&address));
    CU_ASSERT_TRUE(parses("240.0.0.1", &address) && !gk_address_is_multicast(&address));
    CU_ASSERT_TRUE(parses("ff05::1", &address) && gk_address_is_multicast(&address));
    CU_ASSERT_TRUE(parses("fe80::1", &address) && !gk_address_is_multicast(&address));
}

const struct test_suite suite_address = {
    "address",
    {
        {"both families return", both_families_return},
        {"what is none is refused", what_is_none_is_refused},
        {"the link is part of the address", link_is_part_of_the_address},
        {"multicast is told", multicast_is_told},
        {NULL, NULL},
    }};
