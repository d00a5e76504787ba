/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as text and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/vectors.h"
#include "token/der.h"
#include "token/render-json.h"
#include "token/render-text.h"

static char *shown(const struct token *token)
{
    struct gk_writer writer = {0};

    token_show_text(token, &writer);
    gk_write_u8(&writer, 0);
    return (char *)gk_writer_take(&writer).data;
}

static void recommended_as_text(void)
{
    static const char *const lines[] = {
        "policy token version: 1\n",
        "group name: a1a2a3a4a5a6a7a8 \"vectors\" (a1a2a3a4a5a6a7a8766563",
        "edition: 1\n",
        "registration 1:\n  joining:\n    protocol: GSAKMP registration (1.3.6.1.5.5.12.3.1)\n",
        "    key servers:\n      CN=GCKS,OU=Servers,O=Acme,C=US (ID_DN_STRING, 31), under CA 907b",
        "    senders: all\n",
        "    access rule 1:\n      allowed:\n        CN=*,OU=Members,O=Acme,C=US",
        "      excluded:\n        CN=Bad,",
        "    join mechanism 1:\n      signature: Ed25519 (49153)\n",
        "      key wrap: AES-256-GCM (49154)\n",
        "      a message counts as lost after: 30 s\n",
        "    transport: udp\n",
        "  leaving:\n    protocol: GSAKMP de-registration",
        "rekey 1:\n",
        "  rekeys:\n    after: 3600 s (1 h)\n",
        "    type: GSAKMP LKH (1.3.6.1.5.5.12.4.2)\n    key type: AES-256-GCM (49154)\n",
        "group data 1:\n",
        "  authentication: none\n  encryption:\n    key: 80000001\n",
    };
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    char *text;
    const char *at;

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    text = shown(token);
    at = text;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const char *found = strstr(at, lines[i]);

        CU_ASSERT_PTR_NOT_NULL(found);
        if (!found)
            printf("\n    missing: %s\n%s", lines[i], at);
        at = found ? found + 1 : at;
    }
    free(text);
    token_free(token);
}

static void recommended_as_json(void)
{
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), NULL);
    int64_t version = 0, signature = 0, interval = 0;
    const char *group, *text, *ca, *key;
    json_t *json;

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    json = token_show_json(token);
    CU_ASSERT_EQUAL_FATAL(
        json_unpack(json,
                    "{s:I, s:{s:s}, s:[{s:{s:[{s:s,s:s}], s:[{s:{s:I}}]}}], s:[{s:{s:{s:I}}}],"
                    " s:[{s:n,s:{s:s}}]}",
                    "tokenDefVersion", &version, "groupName", "hex", &group, "registration",
                    "register", "gCKS", "text", &text, "cA", &ca, "joinMechanisms",
                    "sigAlgorithmID", "value", &signature, "rekey", "rekeyEventDef", "time",
                    "interval", &interval, "data", "authentication", "encryption", "kMKeyID", &key),
        0);
    CU_ASSERT_EQUAL(version, 1);
    CU_ASSERT_EQUAL(signature, 49153);
    CU_ASSERT_EQUAL(interval, 3600);
    CU_ASSERT_STRING_EQUAL(group, "a1a2a3a4a5a6a7a8766563746f7273");
    CU_ASSERT_STRING_EQUAL(text, "CN=GCKS,OU=Servers,O=Acme,C=US");
    CU_ASSERT_STRING_EQUAL(ca, vector_text("entities/root/ski"));
    CU_ASSERT_STRING_EQUAL(key, "80000001");
    json_decref(json);
    token_free(token);
}

/* What a hostile owner puts into names reaches no terminal. */
static void foreign_text_is_escaped(void)
{
    struct token *token = token_new();
    struct token_register *join = token_alloc(token, 1, sizeof *join);
    struct token_registration *registration = token_append(
        token, (void **)&token->registrations, &token->registration_count, sizeof *registration);
    struct token_pair *pair =
        token_append(token, (void **)&join->gcks.at, &join->gcks.count, sizeof *pair);
    char *text;

    token->group_name = gk_octets_of("\033[2Jgone\n");
    registration->join.kind = TOKEN_PROTOCOL_REGISTER;
    registration->join.registration = join;
    pair->id_type = 31;
    pair->id = gk_octets_of("CN=\"quoted\"");
    text = shown(token);
    CU_ASSERT_PTR_NULL(strchr(text, '\033'));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"\\x1b\\x5b2Jgone\\x0a\" (1b5b324a676f6e650a)"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "CN=\\x22quoted\\x22 (ID_DN_STRING, 31), under CA empty"));
    free(text);
    token_free(token);
}

const struct test_suite suite_render = {"render",
                                        {
                                            {"recommended as text", recommended_as_text},
                                            {"recommended as JSON", recommended_as_json},
                                            {"foreign text is escaped", foreign_text_is_escaped},
                                            {NULL, NULL},
                                        }};
