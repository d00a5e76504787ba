/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "token/name-parts.h"
#include "token/name.h"
#include "tests/vectors.h"

static struct gk_octets of(const char *text)
{
    return gk_octets_of(text);
}

static bool parses(const char *text)
{
    struct gk_writer key = {0};
    struct gk_reason why = {0};
    bool good = name_key(of(text), &key, &why);

    if (!good)
        CU_ASSERT_EQUAL(why.notification, GK_INVALID_ID_INFORMATION);
    gk_writer_free(&key);
    return good;
}

static bool equal(const char *a, const char *b)
{
    return name_equal(of(a), of(b));
}

static bool matches(const char *rule, const char *name)
{
    return name_matches(of(rule), of(name), false);
}

static bool excludes(const char *rule, const char *name)
{
    return name_matches(of(rule), of(name), true);
}

/* What a DER Name in hexadecimal becomes; empty when refused. */
static const char *printed(const char *hex)
{
    static char text[NAME_OCTETS_MAX + 1];
    struct gk_writer to = {0};
    struct gk_reason why = {0};

    memset(text, 0, sizeof text);
    if (name_of_der(test_unhex(hex), &to, &why))
        memcpy(text, to.data, to.size);
    else
        CU_ASSERT_EQUAL(why.notification, GK_AUTHENTICATION_FAILED);
    gk_writer_free(&to);
    return text;
}

static void vectors_of_rules(void)
{
    const json_t *rules = vector_at("name_rules");

    CU_ASSERT_TRUE(json_array_size(rules) > 0);
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *row = json_array_get(rules, i);
        const char *rule = json_string_value(json_array_get(row, 0));
        const char *name = json_string_value(json_array_get(row, 1));
        bool want = json_is_true(json_array_get(row, 2));

        if (matches(rule, name) != want)
            printf("\n    %s against %s\n", rule, name);
        CU_ASSERT_EQUAL(matches(rule, name), want);
    }
}

static void vectors_of_entities(void)
{
    static const char *const entities[] = {"root", "inter", "owner", "gcks", "m1"};

    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        char path[64];
        struct gk_octets certificate;
        struct gk_writer to = {0};

        (void)snprintf(path, sizeof path, "entities/%s/certificate", entities[i]);
        certificate = vector_octets(path);
        (void)snprintf(path, sizeof path, "entities/%s/name", entities[i]);
        CU_ASSERT_TRUE(name_of_certificate(certificate, &to, NULL));
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), of(vector_text(path))));
        gk_writer_free(&to);
    }
}

static void certificate_that_is_none(void)
{
    struct gk_octets certificate = vector_octets("entities/m1/certificate");

    for (size_t size = 0; size < certificate.size; size += 7) {
        struct gk_writer to = {0};
        struct gk_reason why = {0};

        CU_ASSERT_FALSE(name_of_certificate(gk_octets(certificate.data, size), &to, &why));
        CU_ASSERT_EQUAL(why.notification, GK_AUTHENTICATION_FAILED);
        CU_ASSERT_EQUAL(to.size, 0);
        gk_writer_free(&to);
    }
}

static void prints_short_names_and_escapes(void)
{
    /* C=US (PrintableString), then CN (UTF8String) " a,b# ". */
    CU_ASSERT_STRING_EQUAL(
        printed("301e310b3009060355040613025553310f300d06035504030c0620612c622320"),
        "CN=\\ a\\,b#\\ ,C=US");
    /* A leading # and a NUL. */
    CU_ASSERT_STRING_EQUAL(printed("300e310c300a06035504030c03230041"), "CN=\\#\\00A");
    /* emailAddress is none of the nine: dotted, its value as DER. */
    CU_ASSERT_STRING_EQUAL(printed("30143112301006092a864886f70d0109011603614062"),
                           "1.2.840.113549.1.9.1=#1603614062");
    CU_ASSERT_STRING_EQUAL(printed("30133111300f060a0992268993f22c640119160178"), "DC=x");
    /* BMPString and UniversalString are text. */
    CU_ASSERT_STRING_EQUAL(printed("300d310b300906035504031e020041"), "CN=A");
    CU_ASSERT_STRING_EQUAL(printed("300f310d300b06035504031c0400000041"), "CN=A");
    /* An INTEGER, and T.61 beyond ASCII, are no strings. */
    CU_ASSERT_STRING_EQUAL(printed("300c310a30080603550403020105"), "CN=#020105");
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504031401e9"), "CN=#1401e9");
    /* The largest arc that the string can say, and one more. */
    CU_ASSERT_STRING_EQUAL(printed("301431123010060b2a81ffffffffffffffff7f0c0178"),
                           "1.2.18446744073709551615=#0c0178");
    CU_ASSERT_TRUE(parses("1.2.18446744073709551615=#0c0178"));
    CU_ASSERT_STRING_EQUAL(printed("301431123010060b2a828080808080808080000c0178"), "");
    CU_ASSERT_STRING_EQUAL(printed("30163114300806035504030c01413008060355040b0c0142"),
                           "CN=A+OU=B");
}

static void refuses_bad_der_names(void)
{
    CU_ASSERT_STRING_EQUAL(printed("3000"), "");
    /* Not UTF-8; an odd BMPString; a surrogate. */
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504030c01ff"), "");
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504031e0141"), "");
    CU_ASSERT_STRING_EQUAL(printed("300d310b300906035504031e02d800"), "");
    /* An empty RDN; leftover octets; a non-minimal length; a cut OID. */
    CU_ASSERT_STRING_EQUAL(printed("30023100"), "");
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504030c014100"), "");
    CU_ASSERT_STRING_EQUAL(printed("30810c310a300806035504030c0141"), "");
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504830c0141"), "");
    CU_ASSERT_STRING_EQUAL(printed("300c310a300806035504030c0141"), "CN=A");
}

static void bounds_names(void)
{
    struct gk_writer der = {0};
    struct gk_writer text = {0};
    struct gk_writer to = {0};

    for (int i = 0; i < 64; i++)
        gk_write(&text, i ? ",CN=a" : "CN=a", i ? 5 : 4);
    gk_write_u8(&text, 0);
    CU_ASSERT_TRUE(parses((const char *)text.data));
    gk_writer_cut(&text, text.size - 1);
    gk_write(&text, ",CN=a", 6);
    CU_ASSERT_FALSE(parses((const char *)text.data));
    gk_writer_free(&text);

    /* One RDN with a value of 3000 octets. */
    gk_write_octets(&der, test_unhex("30820bc931820bc530820bc106035504030c820bb8"));
    for (int i = 0; i < 3000; i++)
        gk_write_u8(&der, 'x');
    CU_ASSERT_FALSE(name_of_der(gk_writer_octets(&der), &to, NULL));
    CU_ASSERT_EQUAL(to.size, 0);
    gk_writer_free(&der);
    gk_writer_free(&to);
}

static void parses_rfc_4514(void)
{
    static const char *const good[] = {
        "CN=a",
        "cn=a",
        "CN=",
        "CN=a,O=",
        "UID=jsmith,DC=example,DC=net",
        "OU=Sales+CN=J.  Smith,DC=example,DC=net",
        "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
        "CN=Before\\0dAfter,DC=example,DC=net",
        "1.3.6.1.4.1.1466.0=#04024869",
        "CN=Lu\\C4\\8Di\\C4\\87",
        "CN=a=b",
        "CN=\\ a\\ ",
        "CN=a#b",
        "E=a@b,EMAIL=c,EMAILADDRESS=d,SERIALNUMBER=5,T=t,TITLE=t,GN=g,SN=s",
        "2.999.1=x"};
    static const char *const bad[] = {
        "",           "CN",           "=a",         "CN=a,",         "CN=a+",
        ",CN=a",      "CN=a, O=b",    "CN =a",      "CN= a",         "CN=a ",
        "CN=a\\\\ ",  "CN=a\"b",      "CN=a;O=b",   "CN=<a>",        "CN=\\",
        "CN=\\zz",    "CN=\\ff",      "CN=#",       "CN=#0",         "CN=#0c0",
        "CN=#0c0278", "CN=#0c017879", "CN=#0c01ff", "CN=#0c0178 ",   "CN=#2c030c0178",
        "CN=#100178", "CN=#1f2a0178", "XX=a",       "OID.2.5.4.3=a", "2.5.4.03=a",
        "3.1=a",      "1.40=a",       "2=a",        "2.5.=a",        "1.18446744073709551616=a"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        if (!parses(good[i]))
            printf("\n    %s\n", good[i]);
        CU_ASSERT_TRUE(parses(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parses(bad[i]))
            printf("\n    %s\n", bad[i]);
        CU_ASSERT_FALSE(parses(bad[i]));
    }
}

static void equality_is_by_type_and_text(void)
{
    CU_ASSERT_TRUE(equal("CN=x,O=a", "cn=x,2.5.4.10=a"));
    CU_ASSERT_TRUE(equal("CN=x,O=a", "CN=#0c0178,O=#130161"));
    CU_ASSERT_TRUE(equal("E=a@b", "1.2.840.113549.1.9.1=#1603614062"));
    CU_ASSERT_TRUE(equal("CN=a+O=b", "O=b+CN=a"));
    CU_ASSERT_TRUE(equal("CN=a+CN=a", "CN=a"));
    CU_ASSERT_TRUE(equal("CN=\\41", "CN=A"));
    CU_ASSERT_TRUE(equal("CN=#1e020041", "CN=A"));
    CU_ASSERT_TRUE(equal("CN=\\2A", "CN=*"));

    CU_ASSERT_FALSE(equal("CN=x", "CN=X"));
    CU_ASSERT_FALSE(equal("CN=x,O=a", "O=a,CN=x"));
    CU_ASSERT_FALSE(equal("CN=a+O=b", "CN=a,O=b"));
    CU_ASSERT_FALSE(equal("CN=a", "OU=a"));
    CU_ASSERT_FALSE(equal("CN=a b", "CN=a  b"));
    CU_ASSERT_FALSE(equal("CN=#020105", "CN=#020106"));
    CU_ASSERT_FALSE(equal("CN=a", "CN=a,O="));
    CU_ASSERT_FALSE(equal("", ""));
}

/* RFC 5280 4.2.1.6: a NUL hides nothing. */
static void nul_is_a_character(void)
{
    CU_ASSERT_FALSE(equal("CN=a\\00b", "CN=a"));
    CU_ASSERT_TRUE(equal("CN=a\\00b", "CN=#0c03610062"));
}

static void wildcards_stand_for_one_value(void)
{
    CU_ASSERT_TRUE(matches("CN=*,OU=*,O=A", "CN=x,OU=y,O=A"));
    CU_ASSERT_TRUE(matches("CN=*", "CN="));
    CU_ASSERT_TRUE(matches("CN=*+UID=5,O=A", "UID=5+CN=q,O=A"));
    CU_ASSERT_TRUE(matches("CN=*+CN=a", "CN=a+CN=b"));
    CU_ASSERT_TRUE(matches("CN=a+CN=*", "CN=b+CN=a"));
    CU_ASSERT_TRUE(matches("CN=*+CN=*", "CN=a+CN=a"));
    CU_ASSERT_FALSE(matches("CN=*+CN=*", "CN=a+CN=b"));
    CU_ASSERT_FALSE(matches("CN=a+CN=*", "CN=b+CN=c"));
    CU_ASSERT_FALSE(matches("CN=a+CN=*", "CN=a+CN=a"));
    CU_ASSERT_FALSE(matches("CN=a+CN=*", "CN=a+UID=b"));
    CU_ASSERT_FALSE(matches("CN=a+CN=*", "CN=a+OU=b"));
    CU_ASSERT_TRUE(matches("UID=*+CN=c+CN=a+CN=*", "CN=b+UID=a+CN=a+CN=c"));
    CU_ASSERT_FALSE(matches("UID=*+CN=c+CN=a+CN=*", "CN=b+UID=a+CN=a+CN=d"));
    CU_ASSERT_FALSE(matches("UID=*+CN=*", "CN=a+CN=b"));
    CU_ASSERT_FALSE(matches("UID=*+CN=*+CN=a", "CN=a+UID=b+UID=c"));
    CU_ASSERT_FALSE(matches("CN=a+UID=b", "CN=b+UID=a"));
    CU_ASSERT_TRUE(matches("CN=*", "CN=#020105"));

    CU_ASSERT_FALSE(matches("CN=a*", "CN=ab"));
    CU_ASSERT_FALSE(matches("CN=\\2A", "CN=x"));
    CU_ASSERT_FALSE(matches("CN=#0c012a", "CN=x"));
    CU_ASSERT_FALSE(matches("CN=x", "CN=*"));
    CU_ASSERT_FALSE(matches("CN=*", "CN=x,O=A"));
    CU_ASSERT_FALSE(matches("CN=*,O=A", "O=A"));
    CU_ASSERT_FALSE(matches("O=A", "CN=x,O=A"));
    CU_ASSERT_FALSE(matches("OU=*,O=A", "CN=x,OU=y,O=A"));
    CU_ASSERT_FALSE(matches("CN=*", "CN=a+UID=b"));
    CU_ASSERT_FALSE(matches("*", "CN=a"));
    CU_ASSERT_FALSE(matches("CN=*", "not a name"));
}

static void exclusions_fold(void)
{
    CU_ASSERT_TRUE(excludes("CN=BAD guy,O=Acme", "CN=bad   GUY,O=ACME"));
    CU_ASSERT_TRUE(excludes("CN=bad", "CN=\\ bad\\ "));
    CU_ASSERT_TRUE(excludes("CN=STRASSE", "CN=stra\xc3\x9f"
                                          "e"));
    /* Soft hyphen and zero width space go; no-break space is a space. */
    CU_ASSERT_TRUE(excludes("CN=bad", "CN=b\xc2\xad"
                                      "a\xe2\x80\x8b"
                                      "d"));
    CU_ASSERT_TRUE(excludes("CN=a b", "CN=a\xc2\xa0"
                                      "b"));
    /* Fullwidth and mathematical letters, a ligature. */
    CU_ASSERT_TRUE(excludes("CN=bad", "CN=\xef\xbc\xa2\xef\xbc\xa1\xef\xbc\xa4"));
    CU_ASSERT_TRUE(excludes("CN=a", "CN=\xf0\x9d\x90\x80"));
    CU_ASSERT_TRUE(excludes("CN=office", "CN=o\xef\xac\x83"
                                         "ce"));
    CU_ASSERT_TRUE(excludes("CN=*,O=acme", "CN=x,O=ACME"));

    CU_ASSERT_FALSE(excludes("CN=bad", "CN=bat"));
    CU_ASSERT_FALSE(excludes("CN=ab", "CN=a b"));
    CU_ASSERT_FALSE(excludes("CN=a", "OU=A"));
    /* Admission folds nothing. */
    CU_ASSERT_FALSE(matches("CN=bad", "CN=BAD"));
}

static void fqdn_rules(void)
{
    CU_ASSERT_TRUE(name_fqdn_matches(of("Host.Example"), of("hOST.example")));
    CU_ASSERT_TRUE(name_fqdn_matches(of("*.example"), of("host.EXAMPLE")));

    CU_ASSERT_FALSE(name_fqdn_matches(of("*"), of("host")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("*."), of("host.")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("*.example"), of("a.b.example")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("*.example"), of(".example")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("*.example"), of("example")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("h*.example"), of("host.example")));
    CU_ASSERT_FALSE(name_fqdn_matches(of("www.example"), of("*.example")));
    CU_ASSERT_FALSE(name_fqdn_matches(of(""), of("")));
}

static void mail_rules(void)
{
    CU_ASSERT_TRUE(name_mail_matches(of("joe@Example.org"), of("joe@example.ORG")));
    CU_ASSERT_TRUE(name_mail_matches(of("*@example.org"), of("Joe@EXAMPLE.org")));
    CU_ASSERT_TRUE(name_mail_matches(of("*@example.org"), of("\"a@b\"@example.org")));

    CU_ASSERT_FALSE(name_mail_matches(of("joe@example.org"), of("Joe@example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("*@example.org"), of("joe@x.example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("*@example.org"), of("@example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("j*@example.org"), of("joe@example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("example.org"), of("joe@example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("*"), of("joe@example.org")));
    CU_ASSERT_FALSE(name_mail_matches(of("*@*"), of("joe@example.org")));
}

static void slash_form(void)
{
    struct gk_writer to = {0};
    struct name name;

    CU_ASSERT_TRUE_FATAL(name_parse_der(
        &name, test_unhex("3021310b30090603550406130255533112301006092a864886f70d0109011603614062"),
        NULL));
    name_print_slash(&name, &to);
    CU_ASSERT_FALSE(name_slash_ambiguous(&name));
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), of("/C=US/Email=a@b")));
    gk_writer_free(&to);
    name_drop(&name);

    CU_ASSERT_TRUE_FATAL(
        name_parse_der(&name, test_unhex("300e310c300a06035504030c03612f62"), NULL));
    CU_ASSERT_TRUE(name_slash_ambiguous(&name));
    name_drop(&name);
}

static void below_is_a_prefix_of_rdns(void)
{
    static const struct {
        const char *base, *name;
        bool want;
    } rows[] = {{"O=Acme", "CN=x,OU=y,O=Acme", true},       {"O=ACME", "O=acme", true},
                {"OU=y,O=Acme", "CN=x,OU=y,O=Acme", true},  {"OU=y", "CN=x,OU=y,O=Acme", false},
                {"CN=x,OU=y,O=Acme", "OU=y,O=Acme", false}, {"O=Other", "CN=x,O=Acme", false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct name base;
        struct name name;

        CU_ASSERT_TRUE_FATAL(name_parse(&base, of(rows[i].base), NULL));
        CU_ASSERT_TRUE_FATAL(name_parse(&name, of(rows[i].name), NULL));
        name_fold_values(&base);
        name_fold_values(&name);
        CU_ASSERT_EQUAL(name_parts_below(&base, &name), rows[i].want);
        name_drop(&base);
        name_drop(&name);
    }
}

const struct test_suite suite_name = {
    "name",
    {{"vectors of rules", vectors_of_rules},
     {"vectors of entities", vectors_of_entities},
     {"a certificate that is none", certificate_that_is_none},
     {"prints short names and escapes", prints_short_names_and_escapes},
     {"refuses bad DER names", refuses_bad_der_names},
     {"bounds names", bounds_names},
     {"parses RFC 4514", parses_rfc_4514},
     {"equality is by type and text", equality_is_by_type_and_text},
     {"NUL is a character", nul_is_a_character},
     {"wildcards stand for one value", wildcards_stand_for_one_value},
     {"exclusions fold", exclusions_fold},
     {"FQDN rules", fqdn_rules},
     {"mail rules", mail_rules},
     {"slash form", slash_form},
     {"below is a prefix of RDNs", below_is_a_prefix_of_rdns},
     {NULL, NULL}}};
