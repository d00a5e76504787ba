/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of the known answers, read and written. */
#include <stdio.h>

#include "tests/harness.h"
#include "tests/vectors.h"
#include "token/der.h"

static void returns(const char *path)
{
    struct gk_octets der = vector_octets(path);
    struct gk_writer again = {0};
    struct gk_reason why = {0};
    struct token *token = token_from_der(der, &why);

    CU_ASSERT_PTR_NOT_NULL(token);
    if (!token) {
        printf("\n    %s: %s (%s, octet %zu)\n", path, why.text, why.code, why.offset);
        return;
    }
    CU_ASSERT_TRUE(token_to_der(token, &again, &why));
    CU_ASSERT_EQUAL(gk_octets_compare(gk_writer_octets(&again), der), 0);
    gk_writer_free(&again);
    token_free(token);
}

static void tokens_return_octet_for_octet(void)
{
    returns("tokens/recommended/der");
    returns("tokens/suite1/der");
    returns("tokens/new edition/der");
}

static void recommended_says_what_it_says(void)
{
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    const struct token_register *join;
    const struct token_rekey *rekey;

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    CU_ASSERT_HEX(token->group_name, "a1a2a3a4a5a6a7a8766563746f7273");
    CU_ASSERT_TRUE(token->has_edition && token->edition == 1);
    CU_ASSERT_EQUAL_FATAL(token->registration_count, 1);
    CU_ASSERT_EQUAL_FATAL(token->registrations[0].join.kind, TOKEN_PROTOCOL_REGISTER);
    join = token->registrations[0].join.registration;
    CU_ASSERT_EQUAL(join->gcks.count, 1);
    CU_ASSERT_EQUAL(join->gcks.at[0].id_type, 31);
    CU_ASSERT_HEX(join->gcks.at[0].ca, vector_text("entities/root/ski"));
    CU_ASSERT_FALSE(join->has_sub_gcks || join->senders_limited);
    CU_ASSERT_EQUAL(join->access_count, 1);
    CU_ASSERT_FALSE(join->access[0].has_permissions);
    CU_ASSERT_TRUE(join->access[0].has_exclusions);
    CU_ASSERT_EQUAL(join->mechanism_count, 1);
    CU_ASSERT_PTR_NULL(join->mechanisms[0].suite);
    CU_ASSERT_EQUAL(join->mechanisms[0].key_wrap, 49154);
    CU_ASSERT_EQUAL(join->mechanisms[0].time_out.value, 30);
    CU_ASSERT_TRUE(join->mechanisms[0].terse);
    CU_ASSERT_FALSE(join->mechanisms[0].has_timestamp);
    CU_ASSERT_EQUAL(join->transport, TOKEN_UDP);
    CU_ASSERT_TRUE(token->registrations[0].leave.deregistration->has_terse);
    CU_ASSERT_EQUAL_FATAL(token->rekey_count, 1);
    rekey = token->rekeys[0].rekey;
    CU_ASSERT_EQUAL(rekey->event_kind, TOKEN_TIME_ONLY);
    CU_ASSERT_EQUAL(rekey->event_time.value, 3600);
    CU_ASSERT_EQUAL(rekey->method, TOKEN_METHOD_LKH);
    CU_ASSERT_EQUAL(rekey->lkh_key_type, 49154);
    CU_ASSERT_EQUAL(rekey->reliability, TOKEN_RELIABILITY_NONE);
    CU_ASSERT_EQUAL(rekey->scheme, TOKEN_SCHEME_NONE);
    CU_ASSERT_EQUAL_FATAL(token->data_count, 1);
    CU_ASSERT_FALSE(token->datas[0].data->authentication.present);
    CU_ASSERT_HEX(token->datas[0].data->encryption.key_id, "80000001");
    token_free(token);
}

static void refusals_are_refused(void)
{
    static const struct {
        const char *path;
        const char *code;
    } cases[] = {
        {"token_refusals/outer length not minimal", "der-length"},
        {"token_refusals/octet behind the token", "der-trailing"},
        {"token_refusals/tokenDefVersion 2", "token-version"},
        {"token_refusals/NULL with content", "der-truncated"},
    };

    CU_ASSERT_EQUAL(json_object_size(vector_at("token_refusals")), 4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gk_reason why = {0};

        CU_ASSERT_PTR_NULL(token_from_der(vector_octets(cases[i].path), &why));
        CU_ASSERT_STRING_EQUAL(why.code, cases[i].code);
    }
}

const struct test_suite suite_der_vectors = {
    "der_vectors",
    {
        {"tokens return octet for octet", tokens_return_octet_for_octet},
        {"recommended says what it says", recommended_says_what_it_says},
        {"refusals are refused", refusals_are_refused},
        {NULL, NULL},
    }};
