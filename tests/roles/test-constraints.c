/* SPDX-License-Identifier: Apache-2.0 */
/* NameConstraints, form by form (RFC 5280 4.2.1.10). */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "roles/x509.h"

/* Tag, length, text: short lengths only. */
static void put(struct gk_writer *to, uint8_t tag, struct gk_octets content)
{
    gk_write_u8(to, tag);
    gk_write_u8(to, (uint8_t)content.size);
    gk_write_octets(to, content);
}

static void wrap(struct gk_writer *writer, uint8_t tag)
{
    struct gk_writer outer = {0};

    put(&outer, tag, gk_writer_octets(writer));
    gk_writer_free(writer);
    *writer = outer;
}

/* A certificate with an empty subject and one alternative name. */
static bool permits(uint8_t list, uint8_t base_tag, struct gk_octets base, uint8_t name_tag,
                    struct gk_octets name)
{
    struct x509 certificate = {.subject = test_unhex("3000"), .has_san = true};
    struct gk_writer constraints = {0};
    struct gk_writer names = {0};
    bool yes;

    put(&constraints, base_tag, base);
    wrap(&constraints, 0x30);
    wrap(&constraints, list);
    put(&names, name_tag, name);
    certificate.san = gk_writer_octets(&names);
    yes = x509_constraints_permit(gk_writer_octets(&constraints), &certificate, NULL);
    gk_writer_free(&constraints);
    gk_writer_free(&names);
    return yes;
}

#define PERMITTED 0xa0
#define EXCLUDED  0xa1
#define MAIL      0x81
#define DNS       0x82
#define URI       0x86
#define ADDRESS   0x87

static const struct row {
    uint8_t tag;
    const char *base, *name;
    int within; /* 1 yes, 0 no, -1 cannot be told: neither permitted nor let through */
} rows[] = {
    {DNS, "host.example.com", "host.example.com", 1},
    {DNS, "host.example.com", "WWW.Host.example.com", 1},
    {DNS, "host.example.com", "host1.example.com", 0},
    {DNS, "host.example.com", "xhost.example.com", 0},
    {DNS, ".example.com", "a.example.com", 1},
    {DNS, ".example.com", "example.com", 0},
    {DNS, "", "anything", 1},
    {MAIL, "root@example.com", "root@EXAMPLE.com", 1},
    {MAIL, "root@example.com", "Root@example.com", 0},
    {MAIL, "root@example.com", "root@a.example.com", 0},
    {MAIL, "example.com", "a@example.com", 1},
    {MAIL, "example.com", "a@b.example.com", 0},
    {MAIL, ".example.com", "a@b.example.com", 1},
    {MAIL, ".example.com", "a@example.com", 0},
    {MAIL, "example.com", "no address", -1},
    {URI, "example.com", "https://example.com/x", 1},
    {URI, "example.com", "https://user@example.com:8443/x", 1},
    {URI, "example.com", "https://example.com?x", 1},
    {URI, "example.com", "https://a.example.com", 0},
    {URI, ".example.com", "https://a.example.com", 1},
    {URI, ".example.com", "https://evil.org/a.example.com", 0},
    {URI, ".example.com", "https://evil.org#@a.example.com", 0},
    {URI, "example.com", "https://192.0.2.1/", -1},
    {URI, "example.com", "https://[2001:db8::1]/", -1},
    {URI, "example.com", "https:///x", -1},
    {URI, "example.com", "urn:x", -1},
};

static void forms_of_text(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *row = &rows[i];
        struct gk_octets base = gk_octets_of(row->base);
        struct gk_octets name = gk_octets_of(row->name);
        bool permitted = permits(PERMITTED, row->tag, base, row->tag, name);
        bool let_through = permits(EXCLUDED, row->tag, base, row->tag, name);

        if (permitted != (row->within == 1) || let_through != (row->within == 0))
            printf("\n    %s in %s\n", row->name, row->base);
        CU_ASSERT_EQUAL(permitted, row->within == 1);
        CU_ASSERT_EQUAL(let_through, row->within == 0);
    }
}

static bool address(uint8_t list, const char *base, const char *name)
{
    return permits(list, ADDRESS, test_unhex(base), ADDRESS, test_unhex(name));
}

static void addresses(void)
{
    static const char six[] = "20010db8000000000000000000000000ffffffff000000000000000000000000";

    CU_ASSERT_TRUE(address(PERMITTED, "c0000200ffffff00", "c00002ff"));
    CU_ASSERT_FALSE(address(PERMITTED, "c0000200ffffff00", "c0000300"));
    CU_ASSERT_TRUE(address(PERMITTED, six, "20010db8000000000000000000000001"));
    CU_ASSERT_FALSE(address(PERMITTED, six, "20010db9000000000000000000000001"));
    /* The form is iPAddress: a range of IPv4 alone permits no IPv6 address. */
    CU_ASSERT_FALSE(address(PERMITTED, "c0000200ffffff00", "20010db8000000000000000000000001"));
    CU_ASSERT_TRUE(address(EXCLUDED, "c0000200ffffff00", "20010db8000000000000000000000001"));
    CU_ASSERT_FALSE(address(EXCLUDED, "c0000200ffffff00", "c0000201"));
    /* What has no meaning is not let through. */
    CU_ASSERT_FALSE(address(EXCLUDED, "c0000200ffff", "c0000201"));
    CU_ASSERT_FALSE(address(EXCLUDED, "c0000200ffffff00", "c00002"));
}

static void forms_apart(void)
{
    struct gk_octets host = gk_octets_of("example.com");

    /* Constraints of one form say nothing of another. */
    CU_ASSERT_TRUE(permits(PERMITTED, DNS, host, MAIL, gk_octets_of("a@b")));
    /* registeredID (tag 8) is not processed: refused where it is constrained, else not. */
    CU_ASSERT_FALSE(permits(PERMITTED, 0x88, test_unhex("2a03"), 0x88, test_unhex("2a03")));
    CU_ASSERT_FALSE(permits(EXCLUDED, 0x88, test_unhex("2a03"), 0x88, test_unhex("2a04")));
    CU_ASSERT_TRUE(permits(PERMITTED, DNS, host, 0x88, test_unhex("2a03")));
    /* A directoryName that does not parse. */
    CU_ASSERT_FALSE(permits(PERMITTED, 0xa4, test_unhex("3000"), 0xa4, test_unhex("3100")));
    CU_ASSERT_FALSE(permits(EXCLUDED, 0xa4, test_unhex("3100"), 0xa4, test_unhex("3000")));
    CU_ASSERT_TRUE(permits(PERMITTED, 0xa4, test_unhex("3000"), 0xa4, test_unhex("3000")));
}

const struct test_suite suite_constraints = {"constraints",
                                             {{"forms of text", forms_of_text},
                                              {"addresses", addresses},
                                              {"forms apart", forms_apart},
                                              {NULL, NULL}}};
