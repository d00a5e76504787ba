/* SPDX-License-Identifier: Apache-2.0 */
/* show --format xml: whatever a token says, its source compiles to the same octets. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/token/random-token.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/render-xml.h"
#include "token/source.h"

#define GOOD     TEST_DATA "/token/source/good"
#define POLICIES TEST_DATA "/../etc/policies"

static char *shown(const struct token *token)
{
    struct gk_writer writer = {0};

    token_show_xml(token, &writer);
    gk_write_u8(&writer, 0);
    return (char *)gk_writer_take(&writer).data;
}

/* The token's canonical DER comes back through XML, whose text is returned. */
static char *goes_round(const struct token *token)
{
    char *xml = shown(token);
    struct gk_reason why = {0};
    struct gk_writer before = {0};
    struct gk_writer after = {0};
    struct token *again = source_read(gk_octets_of(xml), "shown.xml", NULL, &why);

    CU_ASSERT_TRUE(token_to_der(token, &before, NULL));
    if (!again || !token_to_der(again, &after, &why)) {
        printf("\n    %s\n%.4000s", why.text, xml);
        CU_FAIL("the source that was shown is refused");
    } else if (!gk_octets_equal(gk_writer_octets(&before), gk_writer_octets(&after))) {
        printf("\n%.4000s", xml);
        CU_FAIL("the source that was shown says something else");
    }
    token_free(again);
    gk_writer_free(&before);
    gk_writer_free(&after);
    return xml;
}

static void der_goes_round(struct gk_octets der)
{
    struct token *token = token_from_der(der, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    free(goes_round(token));
    token_free(token);
}

static void vectors_go_round(void)
{
    der_goes_round(vector_octets("tokens/recommended/der"));
    der_goes_round(vector_octets("tokens/suite1/der"));
    der_goes_round(vector_octets("tokens/new edition/der"));
}

/* --- corpora -------------------------------------------------------------------- */

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

/* Each source of a folder; `in_words`: what people wrote in words comes back in words. */
static size_t folder_goes_round(const char *folder, bool in_words)
{
    DIR *files = opendir(folder);
    struct dirent *entry;
    size_t count = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    while ((entry = readdir(files))) {
        struct source_files beside = {load, (void *)(uintptr_t)folder};
        char *path = gk_format("%s/%s", folder, entry->d_name);
        struct token *token;
        char *xml;

        if (strlen(path) > 4 && strcmp(path + strlen(path) - 4, ".xml") == 0) {
            token = source_read(test_file(path), entry->d_name, &beside, NULL);
            CU_ASSERT_PTR_NOT_NULL_FATAL(token);
            xml = goes_round(token);
            if (in_words)
                CU_ASSERT_PTR_NULL(strstr(xml, "info="));
            free(xml);
            token_free(token);
            count++;
        }
        free(path);
    }
    closedir(files);
    return count;
}

static void sources_go_round(void)
{
    CU_ASSERT_TRUE(folder_goes_round(GOOD, false) >= 20);
    CU_ASSERT_TRUE(folder_goes_round(POLICIES, true) >= 3);
}

/* --- drawn ---------------------------------------------------------------------- */

static void drawn_tokens_go_round(void)
{
    struct gk_random random = test_random(45340);
    size_t good = 0, words = 0, octets = 0;

    for (size_t i = 0; i < 200; i++) {
        struct token *token = random_token(&random);
        struct gk_writer der = {0};
        char *xml;

        if (token_to_der(token, &der, NULL)) {
            der_goes_round(gk_writer_octets(&der));
            xml = goes_round(token);
            good++;
            words += strstr(xml, "<gcks ") != NULL || strstr(xml, "interval=") != NULL;
            octets += strstr(xml, "oid=\"1.3.6.1.5.5.12.3") != NULL;
            free(xml);
        }
        gk_writer_free(&der);
        token_free(token);
    }
    /* All kinds were there. */
    CU_ASSERT_TRUE(good > 150 && words > 50 && octets > 25);
}

static struct token *with_edition(int64_t edition)
{
    struct token *token = build_token();

    token->edition = edition;
    return token;
}

/* What the words cannot say stands as octets, and only that. */
static void octets_only_where_words_fail(void)
{
    struct token *token = build_token();
    char *xml = goes_round(token);

    CU_ASSERT_PTR_NULL(strstr(xml, "info="));
    free(xml);
    token->rekeys[0].rekey->lkh_key_type = -1;
    xml = goes_round(token);
    CU_ASSERT_PTR_NOT_NULL(strstr(xml, "<rekey oid=\"1.3.6.1.5.5.12.3.3\" info=\"30"));
    CU_ASSERT_PTR_NOT_NULL(strstr(xml, "<gcks dn=\"CN=G\""));
    CU_ASSERT_PTR_NULL(strstr(xml, "<registration oid"));
    free(xml);
    token_free(token);
    token = with_edition(-5);
    xml = goes_round(token);
    CU_ASSERT_PTR_NOT_NULL(strstr(xml, "<group info=\"30"));
    free(xml);
    token_free(token);
    token = with_edition(INT64_MAX);
    xml = goes_round(token);
    CU_ASSERT_PTR_NOT_NULL(strstr(xml, "edition=\"9223372036854775807\""));
    free(xml);
    token_free(token);
}

static void refuses(const char *xml, const char *code)
{
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(xml), "a.xml", NULL, &why);

    CU_ASSERT_PTR_NULL(token);
    CU_ASSERT_STRING_EQUAL(why.code, code);
    token_free(token);
}

/* Octets of a known protocol are as strict as a token: here [0] is spelt with a BOOLEAN that is
 * neither 00 nor FF, a member is missing, or an octet follows. */
static void octets_are_canonical(void)
{
#define DEREGISTER(info)                                                                           \
    "<policy><group value='00' edition='1'/><registration protocol='none'>"                        \
    "<de-registration oid='1.3.6.1.5.5.12.3.2' info='" info "'/></registration>"                   \
    "<rekey none='yes'/></policy>"
    struct token *token = source_read(gk_octets_of(DEREGISTER("3007"
                                                              "3000"
                                                              "0101ff"
                                                              "8100")),
                                      "a.xml", NULL, NULL);

    CU_ASSERT_PTR_NOT_NULL(token);
    token_free(token);
    refuses(DEREGISTER("3007"
                       "3000"
                       "010101"
                       "8100"),
            "source-info");
    refuses(DEREGISTER("3004"
                       "3000"
                       "8200"),
            "source-info");
    refuses(DEREGISTER("3004"
                       "3000"
                       "8100"
                       "00"),
            "source-info");
    refuses(DEREGISTER("308104"
                       "3000"
                       "8100"),
            "source-info");
    refuses(DEREGISTER(""), "source-info");
#undef DEREGISTER
}

/* --- limits --------------------------------------------------------------------- */

/* As many of the smallest parts as a token can hold. */
static void the_largest_tokens_go_round(void)
{
    struct token *token = build_token();
    struct token_register *join = token->registrations[0].join.registration;

    join->access_count = 10500; /* as octets: the elements would be too many */
    join->access = token_alloc(token, join->access_count, sizeof *join->access);
    free(goes_round(token));
    token_free(token);

    token = build_token();
    token->rekey_count = 32000;
    token->rekeys = token_alloc(token, token->rekey_count, sizeof *token->rekeys);
    free(goes_round(token));
    token_free(token);
}

const struct test_suite suite_xml = {
    "xml",
    {
        {"vectors go round", vectors_go_round},
        {"sources go round", sources_go_round},
        {"drawn tokens go round", drawn_tokens_go_round},
        {"octets only where words fail", octets_only_where_words_fail},
        {"octets are canonical", octets_are_canonical},
        {"the largest tokens go round", the_largest_tokens_go_round},
        {NULL, NULL},
    }};
