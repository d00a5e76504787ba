/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sources: known answers, the corpora, and attacks that are made rather than kept. */
#include "tests/harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors.h"
#include "token/der.h"
#include "token/source-part.h"

#define GOOD     TEST_DATA "/token/source/good"
#define BAD      TEST_DATA "/token/source/bad"
#define POLICIES TEST_DATA "/../etc/policies"

/* Files that a source names, from the folder of its corpus. */
static bool load(void *context, const char *name, struct gk_writer *to, struct gk_reason *why)
{
    char *path = gk_format("%s/%s", (const char *)context, name);
    FILE *file = fopen(path, "rb");
    int octet;

    free(path);
    if (!file)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-open", "there is none");
    while ((octet = fgetc(file)) != EOF)
        gk_write_u8(to, (uint8_t)octet);
    fclose(file);
    return true;
}

static struct token *read_file(const char *folder, const char *name, struct gk_reason *why)
{
    char *path = gk_format("%s/%s", folder, name);
    struct source_files files = {load, (void *)(uintptr_t)folder};
    struct token *token = source_read(test_file(path), name, &files, why);

    free(path);
    return token;
}

static struct gk_secret compiled(const char *folder, const char *name)
{
    struct gk_reason why = {0};
    struct gk_writer der = {0};
    struct token *token = read_file(folder, name, &why);

    if (!token || !token_to_der(token, &der, &why)) {
        printf("\n    %s: %s", name, why.text);
        CU_FAIL("a good source was refused");
    }
    token_free(token);
    return gk_writer_take(&der);
}

static void gives(const char *name, const char *vector)
{
    struct gk_secret der = compiled(GOOD, name);

    CU_ASSERT_HEX(gk_secret_octets(&der), vector_text(vector));
    gk_secret_free(&der);
}

static void known_answers(void)
{
    gives("vector-recommended.xml", "tokens/recommended/der");
    gives("vector-suite1.xml", "tokens/suite1/der");
    gives("vector-new-edition.xml", "tokens/new edition/der");
}

/* --- corpora ------------------------------------------------------------------ */

static unsigned each(const char *folder, void (*check)(const char *folder, const char *name))
{
    DIR *files = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    if (!files)
        return 0;
    while ((entry = readdir(files))) {
        size_t size = strlen(entry->d_name);

        if (size < 5 || strcmp(entry->d_name + size - 4, ".xml") != 0)
            continue;
        check(folder, entry->d_name);
        count++;
    }
    closedir(files);
    return count;
}

/* The same source gives the same DER, and the DER says what the source said. */
static void check_good(const char *folder, const char *name)
{
    struct gk_secret first = compiled(folder, name);
    struct gk_secret second = compiled(folder, name);
    struct gk_writer again = {0};
    struct token *token = token_from_der(gk_secret_octets(&first), NULL);

    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&first), gk_secret_octets(&second)));
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    CU_ASSERT_TRUE(token_to_der(token, &again, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&first), gk_writer_octets(&again)));
    token_free(token);
    gk_writer_free(&again);
    gk_secret_free(&first);
    gk_secret_free(&second);
}

static void good_corpus(void)
{
    CU_ASSERT_TRUE(each(GOOD, check_good) >= 20);
}

static void policies(void)
{
    CU_ASSERT_EQUAL(each(POLICIES, check_good), 3);
}

/* What the compiled-in schema says by itself: "valid", "invalid", or "unread" for what is no
 * document without a DOCTYPE. */
static const char *schema_says(struct gk_octets xml)
{
    struct gk_reason why = {0};
    struct source source = {.name = "", .why = &why};
    xmlDoc *doc = source_parse(&source, xml);
    bool valid;

    if (!doc)
        return "unread";
    valid = source_validate(&source, doc);
    xmlFreeDoc(doc);
    return valid ? "valid" : "invalid";
}

/* The sidecar has the message in its first line and the schema's verdict in its second. */
static void check_bad(const char *folder, const char *name)
{
    char *path = gk_format("%s/%s", folder, name);
    char *sidecar = gk_format("%.*s.expect", (int)strlen(path) - 4, path);
    struct gk_octets expected = test_file(sidecar);
    struct gk_reason why = {0};
    struct token *token = read_file(folder, name, &why);
    char *told = gk_format("%s\n%s\n", why.text, schema_says(test_file(path)));

    CU_ASSERT_PTR_NULL(token);
    CU_ASSERT_STRING_NOT_EQUAL(why.code, "source-schema");
    CU_ASSERT_EQUAL(why.notification, GK_NONE);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "; expected "));
    if (!gk_octets_equal(gk_octets_of(told), expected)) {
        printf("\n    told %s    want %.*s", told, (int)expected.size, (const char *)expected.data);
        CU_FAIL("another message");
    }
    token_free(token);
    free(told);
    free(sidecar);
    free(path);
}

static void bad_corpus(void)
{
    CU_ASSERT_TRUE(each(BAD, check_bad) >= 200);
}

/* --- what is too large to keep as a file ----------------------------------------- */

static const char head[] = "<policy>\n"
                           "  <group random=\"a1a2a3a4a5a6a7a8\" name=\"x\" edition=\"1\"/>\n"
                           "  <ca name=\"acme\" key-id=\"00\"/>\n";

static void refuses(const struct gk_writer *xml, const char *code, const char *text)
{
    struct gk_reason why = {0};
    struct token *token = source_read(gk_writer_octets(xml), "made.xml", NULL, &why);

    CU_ASSERT_PTR_NULL(token);
    CU_ASSERT_STRING_EQUAL(why.code, code);
    if (!strstr(why.text, text)) {
        printf("\n    %s", why.text);
        CU_FAIL("another message");
    }
    token_free(token);
}

static void write_text(struct gk_writer *to, const char *text)
{
    gk_write_octets(to, gk_octets_of(text));
}

static void write_many(struct gk_writer *to, const char *text, size_t count)
{
    while (count--)
        write_text(to, text);
}

static void deep_nesting(void)
{
    struct gk_writer xml = {0};

    write_many(&xml, "<policy>", 200);
    write_many(&xml, "</policy>", 200);
    refuses(&xml, "source-element", "<policy> stands in <policy>");
    gk_writer_cut(&xml, 0);
    write_many(&xml, "<policy>", 50000);
    write_many(&xml, "</policy>", 50000);
    refuses(&xml, "source-xml", "made.xml:1: ");
    gk_writer_free(&xml);
}

static void huge_attributes(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, head);
    write_text(&xml, "<registration><gcks dn=\"CN=");
    write_many(&xml, "x", 500000);
    write_text(&xml, "\"/></registration></policy>");
    refuses(&xml, "source-value", "1 to 4096 octets of text");
    gk_writer_cut(&xml, strlen(head));
    write_text(&xml,
               "<registration none=\"yes\"/><rekey none=\"yes\"/><data oid=\"1.2.3\" info=\"");
    write_many(&xml, "ab", TOKEN_MAX + 1);
    write_text(&xml, "\"/></policy>");
    refuses(&xml, "source-value", "info of 65502 octets; expected at most 65501");
    gk_writer_free(&xml);
}

static void too_many_elements(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, head);
    write_many(&xml, "<rekey/>", SOURCE_ELEMENTS);
    write_text(&xml, "</policy>");
    refuses(&xml, "source-count", "too many elements");
    gk_writer_free(&xml);
}

static void too_many_attributes(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, "<policy ");
    for (int i = 0; i < 200000; i++) {
        char *attribute = gk_format("a%d='' ", i);

        write_text(&xml, attribute);
        free(attribute);
    }
    write_text(&xml, "/>");
    refuses(&xml, "source-attribute", "200000 attributes; expected at most 256");
    gk_writer_free(&xml);
    /* What stands elsewhere is none. */
    write_text(&xml, "<!-- ");
    write_many(&xml, "\"x\" 'y' > ", 1000);
    write_text(&xml, "--><policy a=\"> '' '\">");
    write_many(&xml, "'' ", 1000);
    write_text(&xml, "<![CDATA[<a ");
    write_many(&xml, "'' ", 1000);
    write_text(&xml, "]]></policy>");
    refuses(&xml, "source-attribute", "has the attribute a;");
    gk_writer_free(&xml);
}

/* What follows from a policy is bounded before it is worked out: 3000 mechanisms with 3000
 * authorities would be 9 million ways to leave, compared with one another. */
static void too_much_follows(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, "<policy>\n<group value='00' edition='1'/><registration>"
                     "<gcks dn='CN=G' ca-key-id='00'/><access>");
    for (unsigned i = 0; i < 3000; i++) {
        char *text = gk_format("<allow dn='CN=A' ca-key-id='%08x'/>", i);

        write_text(&xml, text);
        free(text);
    }
    write_text(&xml, "</access>");
    for (unsigned i = 0; i < 3000; i++) {
        char *text = gk_format("<mechanism signature='%u' nonce-hash='1' key-creation='2' "
                               "key-wrap='12'/>",
                               i);

        write_text(&xml, text);
        free(text);
    }
    write_text(&xml, "</registration></policy>");
    refuses(&xml, "source-count", "than a token can hold; expected a <de-registration>");
    gk_writer_free(&xml);
}

static void too_many_authorities(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, "<policy>\n<group value='00' edition='1'/>");
    for (unsigned i = 0; i < 1025; i++) {
        char *text = gk_format("<ca name='%u' key-id='00'/>", i);

        write_text(&xml, text);
        free(text);
    }
    write_text(&xml, "<registration none='yes'/></policy>");
    refuses(&xml, "source-count", "too many <ca>; expected 1024 at most");
    gk_writer_free(&xml);
}

static void too_large(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, head);
    write_many(&xml, " ", SOURCE_MAX + 1 - xml.size);
    refuses(&xml, "source-size", "2097153 octets; expected 1 to 2097152");
    gk_writer_free(&xml);
}

/* Lines beyond 65535 are told as they are. */
static void late_lines(void)
{
    struct gk_writer xml = {0};

    write_text(&xml, head);
    write_many(&xml, "\n", 70000);
    write_text(&xml, "<bogus/></policy>");
    refuses(&xml, "source-element", "made.xml:70004: <bogus>");
    gk_writer_free(&xml);
}

/* Each cut of a good source is refused, whatever it cuts. */
static void every_cut(void)
{
    struct gk_octets xml = test_file(GOOD "/subordinates.xml");
    size_t end = xml.size;

    while (end && xml.data[end - 1] != '>')
        end--;
    for (size_t size = 0; size < end; size++) {
        struct token *token = source_read(gk_octets(xml.data, size), "cut.xml", NULL, NULL);

        if (token) {
            CU_FAIL("a cut source was taken");
            token_free(token);
            return;
        }
    }
}

/* Each octet changed in turn to something that matters in XML: never a crash, and what is
 * taken has a DER. */
static void every_octet_changed(void)
{
    static const char others[] = {'<', '>', '"', '&', '\0', '\xff', ' ', '0'};
    struct gk_secret xml = gk_secret_copy(test_file(GOOD "/vector-recommended.xml"));
    unsigned taken = 0;

    for (size_t at = 0; at < xml.size; at++) {
        uint8_t was = xml.data[at];

        for (size_t i = 0; i < sizeof others; i++) {
            struct gk_writer der = {0};
            struct token *token;

            xml.data[at] = (uint8_t)others[i];
            token = source_read(gk_secret_octets(&xml), "changed.xml", NULL, NULL);
            if (token && !token_to_der(token, &der, NULL))
                CU_FAIL("a source was taken that has no DER");
            taken += token != NULL;
            token_free(token);
            gk_writer_free(&der);
        }
        xml.data[at] = was;
    }
    CU_ASSERT_TRUE(taken > 0);
    gk_secret_free(&xml);
}

const struct test_suite suite_source = {"source",
                                        {
                                            {"known answers", known_answers},
                                            {"good corpus", good_corpus},
                                            {"sample policies", policies},
                                            {"bad corpus", bad_corpus},
                                            {"deep nesting", deep_nesting},
                                            {"huge attributes", huge_attributes},
                                            {"too many elements", too_many_elements},
                                            {"too many attributes", too_many_attributes},
                                            {"too much follows", too_much_follows},
                                            {"too many authorities", too_many_authorities},
                                            {"too large", too_large},
                                            {"late lines", late_lines},
                                            {"every cut", every_cut},
                                            {"every octet changed", every_octet_changed},
                                            {NULL, NULL},
                                        }};
