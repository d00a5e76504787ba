/* SPDX-License-Identifier: Apache-2.0 */
/* show --format json fits the schema that is published of it. */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/token/json-schema.h"
#include "tests/token/random-token.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/render-json.h"

#define SCHEMA TEST_DATA "/../doc/gsakmp-token.schema.json"

static json_t *schema(void)
{
    json_t *read = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    return read;
}

static void fits(const json_t *against, const struct token *token)
{
    json_t *json = token_show_json(token);
    char wrong[512] = "";

    if (!json_fits(against, json, wrong, sizeof wrong)) {
        printf("\n    %s", wrong);
        CU_FAIL("what is shown does not fit the schema");
    }
    json_decref(json);
}

static void what_is_shown_fits(void)
{
    static const char *const vectors[] = {"tokens/recommended/der", "tokens/suite1/der",
                                          "tokens/new edition/der"};
    struct gk_random random = test_random(827);
    json_t *against = schema();

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct token *token = token_from_der(vector_octets(vectors[i]), NULL);

        fits(against, token);
        token_free(token);
    }
    for (size_t i = 0; i < 500; i++) {
        struct token *token = random_token(&random);

        fits(against, token);
        token_free(token);
    }
    json_decref(against);
}

/* The token's JSON after one change, told as jansson packs it. */
static bool still_fits(const json_t *against, const char *where, const char *member, json_t *value)
{
    struct token *token = build_token();
    json_t *json = token_show_json(token);
    json_t *at = json;
    char wrong[512];
    bool good;

    if (*where)
        at = json_object_get(json_array_get(json_object_get(json, where), 0),
                             strcmp(where, "registration") == 0 ? "register" : member);
    if (strcmp(where, "rekey") == 0 || strcmp(where, "data") == 0)
        at = json_array_get(json_object_get(json, where), 0);
    if (value)
        json_object_set_new(at, member, value);
    else
        json_object_del(at, member);
    good = json_fits(against, json, wrong, sizeof wrong);
    json_decref(json);
    token_free(token);
    return good;
}

/* A schema that everything fits would say nothing. */
static void what_is_not_shown_does_not_fit(void)
{
    json_t *against = schema();

    CU_ASSERT_TRUE(still_fits(against, "", "edition", json_null()));
    CU_ASSERT_FALSE(still_fits(against, "", "edition", json_string("1")));
    CU_ASSERT_FALSE(still_fits(against, "", "edition", NULL));
    CU_ASSERT_FALSE(still_fits(against, "", "more", json_true()));
    CU_ASSERT_FALSE(still_fits(against, "", "tokenDefVersion", json_integer(2)));
    CU_ASSERT_FALSE(still_fits(against, "registration", "transport", json_string("sctp")));
    CU_ASSERT_FALSE(still_fits(against, "registration", "senders", json_string("ALL")));
    CU_ASSERT_FALSE(still_fits(against, "registration", "gCKS", json_pack("[{}]")));
    CU_ASSERT_FALSE(
        still_fits(against, "rekey", "rekeyInterval", json_pack("{s:f}", "interval", 1.5)));
    CU_ASSERT_FALSE(
        still_fits(against, "data", "encryption", json_pack("{s:s}", "kMKeyID", "8000000G")));
    CU_ASSERT_FALSE(still_fits(against, "data", "authentication", NULL));
    json_decref(against);
}

/* The check itself: keywords that it does not know fit nothing. */
static void unknown_keywords_fit_nothing(void)
{
    json_t *odd = json_pack("{s:i}", "maxLength", 5);
    json_t *dangling = json_pack("{s:s}", "$ref", "#/definitions/none");
    json_t *empty = json_object();
    json_t *value = json_string("a");
    char wrong[512];

    CU_ASSERT_FALSE(json_fits(odd, value, wrong, sizeof wrong));
    CU_ASSERT_FALSE(json_fits(dangling, value, wrong, sizeof wrong));
    CU_ASSERT_FALSE(json_fits(empty, value, wrong, sizeof wrong));
    json_decref(odd);
    json_decref(dangling);
    json_decref(empty);
    json_decref(value);
}

const struct test_suite suite_json = {
    "json",
    {
        {"what is shown fits", what_is_shown_fits},
        {"what is not shown does not fit", what_is_not_shown_does_not_fit},
        {"unknown keywords fit nothing", unknown_keywords_fit_nothing},
        {NULL, NULL},
    }};
