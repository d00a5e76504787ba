/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token spoilt at each octet, at each length and cut at each place. Nothing crashes, and
 * what is still accepted is canonical: it comes back octet for octet, save where the wire
 * profile reads a spelling that it does not write (5.3, 11.1, 11.2, 11.11), and then the
 * second writing is the same.
 */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/render-json.h"
#include "token/render-text.h"

struct tally {
    size_t refused;
    size_t same;
    size_t other;
};

static void shows(const struct token *token)
{
    struct gk_writer text = {0};
    json_t *json = token_show_json(token);

    token_show_text(token, &text);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '\n' && (text.data[i] < 0x20 || text.data[i] > 0x7e))
            CU_FAIL("an octet reaches the terminal as it is");
    }
    gk_writer_free(&text);
    json_decref(json);
}

static void judge(struct gk_octets der, struct tally *tally)
{
    struct gk_reason why = {0};
    struct token *token = token_from_der(der, &why);
    struct gk_writer once = {0};
    struct gk_writer twice = {0};
    struct token *again;

    if (!token) {
        tally->refused++;
        if (!why.code || !*why.text || why.offset > der.size)
            CU_FAIL("a refusal does not say why or where");
        return;
    }
    CU_ASSERT_TRUE_FATAL(token_to_der(token, &once, &why));
    if (gk_octets_compare(gk_writer_octets(&once), der) == 0) {
        tally->same++;
        CU_ASSERT_TRUE(der_check(der, NULL));
    } else {
        tally->other++;
        again = token_from_der(gk_writer_octets(&once), &why);
        CU_ASSERT_PTR_NOT_NULL_FATAL(again);
        CU_ASSERT_TRUE(token_to_der(again, &twice, &why));
        CU_ASSERT_EQUAL(gk_octets_compare(gk_writer_octets(&once), gk_writer_octets(&twice)), 0);
        token_free(again);
    }
    shows(token);
    token_free(token);
    gk_writer_free(&once);
    gk_writer_free(&twice);
}

/* A token that says everything at once. */
static struct gk_octets rich(void)
{
    static const char notation[] =
        "30{ 30{020101 04{'rich'} 020105} 30{30{ 30{06082b060105050c0301 04{30{"
        "30{30{30{30{02011f 04{'CN=G'}} 04{'ca'}}} 30{30{}} a1{30{30{30{020103 04{'*@a'}} "
        "04{'ca'}}}}} 30{30{a1{30{810101 810109}} a2{30{}} a3{30{}}}} "
        "30{a0{30{020100 020101} 30{020102 04{'kd'}} 02010c 80{} 30{17{'300101000000Z'} 010100 "
        "0101ff}} 81{2b060105050c0201}} 82{}}}} 30{06032a0304 04{'opaque'}} }} "
        "30{0500 30{06082b060105050c0303 04{30{ 30{} 30{020100 020101} a3{02013c 020105} "
        "30{06082b060105050c0401 04{}} 18{'20300101000000Z'} 30{06082b060105050c0503 "
        "04{16{'https://a'}}} 30{06082b060105050c0602 04{30{30{} 04{'domain'}}}} }}}} "
        "30{30{06082b060105050c0701 04{30{a0{30{04{80000001} 02013c}} a1{30{04{80000002}}}}}}} }";

    return build_der(notation);
}

static void spoil(struct gk_octets der)
{
    static const uint8_t masks[] = {0x20, 0x80, 0xff};
    struct gk_secret copy = gk_secret_copy(der);
    struct tally tally = {0};

    judge(der, &tally);
    CU_ASSERT_EQUAL(tally.refused, 0);
    for (size_t at = 0; at < copy.size; at++) {
        uint8_t was = copy.data[at];

        for (size_t i = 0; i < sizeof masks; i++) {
            copy.data[at] = was ^ masks[i];
            judge(gk_secret_octets(&copy), &tally);
        }
        copy.data[at] = (uint8_t)(was + 1);
        judge(gk_secret_octets(&copy), &tally);
        copy.data[at] = (uint8_t)(was - 1);
        judge(gk_secret_octets(&copy), &tally);
        copy.data[at] = was;
        judge(gk_octets(copy.data, at), &tally);
    }
    CU_ASSERT_TRUE(tally.same + tally.other > der.size);
    CU_ASSERT_TRUE(tally.refused > der.size);
    gk_secret_free(&copy);
}

static void recommended_spoilt(void)
{
    spoil(vector_octets("tokens/recommended/der"));
}

static void rich_spoilt(void)
{
    spoil(rich());
}

/* Two octets at a time, seeded: what one change spoils another may mend. */
static void spoilt_twice(void)
{
    struct gk_octets der = rich();
    struct gk_random random = test_random(4534);
    struct tally tally = {0};

    for (size_t round = 0; round < 2000; round++) {
        struct gk_secret copy = gk_secret_copy(der);
        uint8_t drawn[6];

        gk_random_fill(&random, drawn, sizeof drawn);
        copy.data[(size_t)(drawn[0] << 8 | drawn[1]) % copy.size] = drawn[2];
        copy.data[(size_t)(drawn[3] << 8 | drawn[4]) % copy.size] = drawn[5];
        judge(gk_secret_octets(&copy), &tally);
        gk_secret_free(&copy);
    }
    CU_ASSERT_TRUE(tally.refused > 0 && tally.same + tally.other > 0);
}

const struct test_suite suite_der_mutate = {
    "der_mutate",
    {
        {"the recommended token spoilt", recommended_spoilt},
        {"a rich token spoilt", rich_spoilt},
        {"spoilt twice", spoilt_twice},
        {NULL, NULL},
    }};
