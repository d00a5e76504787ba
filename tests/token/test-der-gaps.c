/* SPDX-License-Identifier: Apache-2.0 */
/* What a token may not say, one case a rule; and what is read and not written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/vectors.h"
#include "token/der.h"

struct gap {
    const char *old; /* hexadecimal, once in the canonical octets */
    const char *by;  /* of the same length, so that no frame changes */
    const char *code;
    const char *path; /* begins the reason */
};

static void refused(struct gk_octets der, const struct gap *gap)
{
    struct gk_reason why = {.code = "accepted"};
    struct token *token = token_from_der(der, &why);

    if (token || strcmp(why.code, gap->code) != 0 ||
        strncmp(why.text, gap->path, strlen(gap->path)) != 0) {
        printf("\n    %s for %s: %s: %s\n", gap->by, gap->old, why.code, why.text);
        CU_FAIL("not refused as expected");
    }
    token_free(token);
}

static void gaps_of(enum token_protocol_kind place, const char *oid, const struct gap *gaps,
                    size_t count)
{
    struct gk_octets info = build_info(place);
    struct token *token = token_from_der(build_with(place, oid, info), NULL);

    CU_ASSERT_PTR_NOT_NULL(token);
    token_free(token);
    for (size_t i = 0; i < count; i++)
        refused(build_with(place, oid, build_changed(info, gaps[i].old, gaps[i].by)), &gaps[i]);
}

#define GAPS(place, oid, gaps) gaps_of(place, oid, gaps, sizeof gaps / sizeof *gaps)

static void core_gaps(void)
{
    static const struct gap gaps[] = {
        {"020101040f", "020102040f", "token-version", "tokenInfo: tokenDefVersion is 2"},
        {"020101040f", "020181040f", "token-version", "tokenInfo: tokenDefVersion is -127"},
        {"020101040f", "0a0101040f", "der-unexpected", "tokenInfo.tokenDefVersion"},
        {"0201013082", "0201003081", "der-length", "registration"},
        {"0201013082", "0401013082", "der-unexpected", "tokenInfo.edition"},
        {"2b060105050c0301", "2b060105050c0381", "der-oid", "registration[0].register.protocol"},
        {"2b060105050c0301", "2b060105800c0301", "der-oid", "registration[0].register.protocol"},
        {"06082b060105050c0301", "0d082b060105050c0301", "der-unexpected",
         "registration[0].register.protocol"},
        {"301a301806082b", "311a301806082b", "der-unexpected", "data: has identifier"},
        {"301a301806082b",
         "30193018"
         "06082b",
         "der-truncated", "data[0]"},
    };

    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        refused(build_changed(vector_octets("tokens/recommended/der"), gaps[i].old, gaps[i].by),
                &gaps[i]);
}

static void registration_gaps(void)
{
    static const struct gap gaps[] = {
        {"02011f0404434e3d47", "02001f0404434e3d47", "der-integer",
         "registration[0].register.joinAuthorization.gCKS[0].groupEntity.typeValue"},
        {"02011f0404434e3d47", "24011f0404434e3d47", "der-constructed",
         "registration[0].register.joinAuthorization.gCKS[0].groupEntity.typeValue"},
        {"0404434e3d47", "0403434e3d47", "der-unexpected",
         "registration[0].register.joinAuthorization.gCKS[0].groupEntity: holds something"},
        {"0404434e3d47", "0405434e3d47", "der-truncated",
         "registration[0].register.joinAuthorization.gCKS[0].groupEntity.typeData"},
        {"0404434e3d2a0414", "0404434e3d2a0514", "der-unexpected",
         "registration[0].register.joinAccessControl[0].accessRule[0].cA"},
        {"80003029", "81003029", "der-unexpected",
         "registration[0].register.joinAuthorization.senders"},
        {"a22530233021", "a32530233021", "der-unexpected",
         "registration[0].register.joinAccessControl[0].accessRule"},
        {"02011e010100", "02011e010101", "der-boolean",
         "registration[0].register.joinMechanisms[0].opInfo.terse"},
        {"02011e010100",
         "0200010100"
         "00",
         "der-integer", "registration[0].register.joinMechanisms[0].opInfo.timeOut"},
        {"0203"
         "00c002"
         "8000",
         "0203"
         "00c002"
         "8100",
         "der-unexpected", "registration[0].register.joinMechanisms[0].ackData"},
        {"0203"
         "00c002",
         "0203"
         "0000"
         "02",
         "der-integer", "registration[0].register.joinMechanisms[0].keyWrap"},
        {"0101008000", "0101008300", "der-unexpected", "registration[0].register.transport"},
        {"0101008000", "010100a000", "der-unexpected", "registration[0].register.transport"},
    };

    GAPS(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, gaps);
}

/* --- protocolInfos written out ------------------------------------------------ */

/* The info is put where %s stands; NULL code: it must be accepted. */
struct form {
    const char *part;
    const char *code;
    const char *path;
};

static void forms_of(enum token_protocol_kind place, const char *oid, const char *frame,
                     const struct form *forms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *mark = strchr(frame, '%');
        char *notation = gk_format("%.*s%s%s", (int)(mark - frame), frame, forms[i].part, mark + 1);
        struct gk_octets der = build_with(place, oid, build_der(notation));
        struct gk_reason why = {.code = "accepted"};
        struct token *token = token_from_der(der, &why);
        const char *code = forms[i].code ? forms[i].code : "accepted";

        if (!token != !!forms[i].code || strcmp(why.code, code) != 0 ||
            (forms[i].path && strncmp(why.text, forms[i].path, strlen(forms[i].path)) != 0)) {
            printf("\n    %s: %s: %s\n", notation, why.code, why.text);
            CU_FAIL("not judged as expected");
        }
        token_free(token);
        free(notation);
    }
}

#define FORMS(place, oid, frame, forms)                                                            \
    forms_of(place, oid, frame, forms, sizeof forms / sizeof *forms)

static void access_forms(void)
{
    static const char at[] = "registration[0].register.joinAccessControl[0].permissions";
    static const struct form forms[] = {
        {"", NULL, NULL},
        {"a1{30{}}", NULL, NULL},
        {"a1{30{810101 810109 810101}}", NULL, NULL},
        {"a1{30{81010a}}", "permission-range", at},
        {"a1{30{810101 810100}}", "permission-range", at},
        {"a1{30{8101ff}}", "permission-range", at},
        {"a1{30{81020001}}", "der-integer", at},
        {"a1{30{0a0101}}", "der-unexpected", at},
        {"a1{30{a1{0a0101}}}", "der-unexpected", at},
        {"a1{810101}", "der-unexpected", at},
        {"a1{}", "der-missing", at},
        {"a1{30{} 30{}}", "der-unexpected", at},
        {"a1{30{}} a1{30{}}", "der-unexpected", NULL},
        {"a3{30{}}", "der-unexpected", NULL},
        {"0500", "der-unexpected", NULL},
    };

    FORMS(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER,
          "30{ 30{30{} 80{}} 30{30{ % a2{30{}} }} 30{} 80{} }", forms);
}

static void sender_forms(void)
{
    static const struct form forms[] = {
        {"80{}", NULL, NULL},
        {"a1{30{}}", NULL, NULL},
        {"30{} 80{}", NULL, NULL},
        {"30{30{} 30{}} a1{30{}}", NULL, NULL},
        {"", "der-missing", "registration[0].register.joinAuthorization.senders"},
        {"8000 00", "der-unexpected", NULL},
        {"80{00}", "der-null", "registration[0].register.joinAuthorization.senders"},
        {"a0{0500}", "der-unexpected", NULL},
        {"a1{}", "der-missing", NULL},
        {"30{}", "der-missing", NULL},
        {"30{80{}} 80{}", "der-unexpected",
         "registration[0].register.joinAuthorization.subGCKS[0]"},
        {"30{30{30{30{02011f 0400}}}} 80{}", "der-missing",
         "registration[0].register.joinAuthorization.subGCKS[0][0].cA"},
    };

    FORMS(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, "30{ 30{30{} % } 30{} 30{} 80{} }", forms);
}

static void mechanism_forms(void)
{
    static const char time_out[] = "registration[0].register.joinMechanisms[0].opInfo.timeOut";
    static const struct form forms[] = {
        {"02011e 0101ff", NULL, NULL},
        {"02011e 010100 0101ff", NULL, NULL},
        {"02011e 0101ff 010100", NULL, NULL},
        {"02011e 010101", "der-boolean", NULL},
        {"02011e 010100 010101", "der-boolean", NULL},
        {"02011e", "der-missing", "registration[0].register.joinMechanisms[0].opInfo.terse"},
        {"0101ff", "der-unexpected", time_out},
        {"02{} 0101ff", "der-integer", time_out},
        {"0202001e 0101ff", "der-integer", time_out},
        {"02087fffffffffffffff 0101ff", NULL, NULL},
        {"02088000000000000000 0101ff", NULL, NULL},
        {"0209008000000000000000 0101ff", "der-integer-range", time_out},
        {"17{'260131000000Z'} 0101ff", NULL, NULL},
        {"17{'261331000000Z'} 0101ff", "der-time", time_out},
        {"17{'260229000000Z'} 0101ff", "der-time", time_out},
        {"17{'260131000000'} 0101ff", "der-time", time_out},
        {"17{'2601310000Z'} 0101ff", "der-time", time_out},
        {"17{'260131000000+0000'} 0101ff", "der-time", time_out},
        {"18{'20260131000000Z'} 0101ff", NULL, NULL},
        {"18{'20260131000000.5Z'} 0101ff", "der-time", NULL},
        {"18{'20260131246000Z'} 0101ff", "der-time", time_out},
        {"37{'260131000000Z'} 0101ff", "der-constructed", time_out},
    };

    FORMS(
        TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER,
        "30{ 30{30{} 80{}} 30{} 30{a0{ 30{020100 020101} 30{020102} 02010c 80{} 30{ % } }} 80{} }",
        forms);
}

static void suite_forms(void)
{
    static const struct form forms[] = {
        {"81{2b060105050c0201}", NULL, NULL},
        {"81{2b0601}", NULL, NULL},
        {"81{2b0681}", "der-oid", "registration[0].register.joinMechanisms[0]"},
        {"81{2b068001}", "der-oid", NULL},
        {"81{}", "der-oid", NULL},
        {"81{2b82808080808080808000}", "der-oid-range", NULL},
        {"a1{06{2b0601}}", "der-unexpected", NULL},
        {"82{2b0601}", "der-unexpected", NULL},
        {"06{2b0601}", "der-unexpected", NULL},
    };

    FORMS(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, "30{ 30{30{} 80{}} 30{} 30{ % } 80{} }",
          forms);
}

static void transport_forms(void)
{
    static const struct form forms[] = {
        {"80{}", NULL, NULL},
        {"81{}", NULL, NULL},
        {"0101ff 81{}", NULL, NULL},
        {"010100 80{}", NULL, NULL},
        {"82{}", "der-unexpected", "registration[0].de-register.transport"},
        {"010101 80{}", "der-boolean", "registration[0].de-register.terse"},
        {"80{} 0101ff", "der-unexpected", NULL},
        {"0101ff", "der-missing", "registration[0].de-register.transport"},
        {"a0{0500}", "der-unexpected", NULL},
        {"0500", "der-unexpected", NULL},
        {"8000 8000", "der-unexpected", NULL},
    };

    FORMS(TOKEN_PROTOCOL_DEREGISTER, TOKEN_OID_DEREGISTER, "30{ 30{} % }", forms);
}

static void event_forms(void)
{
    static const struct form forms[] = {
        {"80{}", NULL, NULL},
        {"a1{02013c}", NULL, NULL},
        {"a1{18{'20260131000000Z'}}", NULL, NULL},
        {"82{05}", NULL, NULL},
        {"82{ff7f}", NULL, NULL},
        {"a3{02013c 020105}", NULL, NULL},
        {"81{3c}", "der-unexpected", "rekey[0].rekeyEventDef"},
        {"a1{}", "der-missing", "rekey[0].rekeyEventDef.timeOnly"},
        {"a1{02013c 020105}", "der-unexpected", "rekey[0].rekeyEventDef"},
        {"82{}", "der-integer", "rekey[0].rekeyEventDef"},
        {"82{0005}", "der-integer", "rekey[0].rekeyEventDef"},
        {"a2{020105}", "der-unexpected", NULL},
        {"a3{02013c}", "der-missing", "rekey[0].rekeyEventDef.event"},
        {"a3{30{02013c 020105}}", "der-unexpected", NULL},
        {"84{}", "der-unexpected", NULL},
    };

    FORMS(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY,
          "30{ 30{} 30{020100 020101} % 30{06082b060105050c0401 04{0500}} 02013c "
          "30{06082b060105050c0501 04{}} 30{06082b060105050c0601 04{0500}} }",
          forms);
}

static void method_forms(void)
{
    static const char at[] = "rekey[0].rekeyMethod.rekeyMethodInfo";
    static const struct form forms[] = {
        {"06082b060105050c0401 04{0500}", NULL, NULL},
        {"06082b060105050c0401 04{}", NULL, NULL},
        {"06082b060105050c0402 04{02010c}", NULL, NULL},
        {"06032b0601 04{}", NULL, NULL},
        {"06032b0601 04{'anything'}", NULL, NULL},
        {"06082b060105050c0401 04{050100}", "der-null", at},
        {"06082b060105050c0401 04{0500 00}", "der-unexpected", at},
        {"06082b060105050c0401 04{020101}", "der-unexpected", at},
        {"06082b060105050c0402 04{}", "der-missing", at},
        {"06082b060105050c0402 04{0202000c}", "der-integer", at},
        {"06082b060105050c0402 04{02010c 0500}", "der-unexpected", at},
        {"06082b060105050c0402 24{04{02010c}}", "der-constructed", at},
        {"06082b060105050c0402", "der-missing", at},
    };

    FORMS(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY,
          "30{ 30{} 30{020100 020101} 80{} 30{ % } 02013c "
          "30{06082b060105050c0501 04{}} 30{06082b060105050c0601 04{0500}} }",
          forms);
}

static void reliability_forms(void)
{
    static const char at[] = "rekey[0].reliability.reliabilityMechContent";
    static const struct form forms[] = {
        {"06082b060105050c0501 04{}", NULL, NULL},
        {"06082b060105050c0501 04{0500}", NULL, NULL},
        {"06082b060105050c0502 04{020103}", NULL, NULL},
        {"06082b060105050c0503 04{16{'https://a'}}", NULL, NULL},
        {"06082b060105050c0503 04{16{7f}}", NULL, NULL},
        {"06082b060105050c0503 04{16{80}}", "der-ia5", at},
        {"06082b060105050c0503 04{0c{'https://a'}}", "der-unexpected", at},
        {"06082b060105050c0503 04{36{16{'https://a'}}}", "der-constructed", at},
        {"06082b060105050c0503 04{16{'a'} 00}", "der-unexpected", at},
        {"06082b060105050c0502 04{0201}", "der-truncated", at},
        {"06082b060105050c0502 04{0a0103}", "der-unexpected", at},
    };

    FORMS(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY,
          "30{ 30{} 30{020100 020101} 80{} 30{06082b060105050c0401 04{}} 02013c "
          "30{ % } 30{06082b060105050c0601 04{0500}} }",
          forms);
}

static void scheme_forms(void)
{
    static const struct form forms[] = {
        {"06082b060105050c0601 04{}", NULL, NULL},
        {"06082b060105050c0601 04{0500}", NULL, NULL},
        {"06082b060105050c0602 04{30{30{}}}", NULL, NULL},
        {"06082b060105050c0602 04{30{30{30{30{02011f 04{'CN=S'}} 04{'ca'}}} 04{'domain'}}}", NULL,
         NULL},
        {"06082b060105050c0602 04{}", "der-missing", "rekey[0].subGCKSInfo.sGCKSContent"},
        {"06082b060105050c0602 04{30{}}", "der-missing",
         "rekey[0].subGCKSInfo.sGCKSContent.authSubs"},
        {"06082b060105050c0602 04{30{30{} 0500}}", "der-unexpected",
         "rekey[0].subGCKSInfo.sGCKSContent.domain"},
    };

    FORMS(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY,
          "30{ 30{} 30{020100 020101} 80{} 30{06082b060105050c0401 04{}} 02013c "
          "30{06082b060105050c0501 04{0500}} 30{ % } }",
          forms);
}

static void data_forms(void)
{
    static const struct form forms[] = {
        {"", NULL, NULL},
        {"a0{30{04{80000001}}}", NULL, NULL},
        {"a1{30{04{80000001}}}", NULL, NULL},
        {"a0{30{04{80000001} 02013c}} a1{30{04{80000002} 17{'260131000000Z'}}}", NULL, NULL},
        {"a1{30{04{80000001}}} a0{30{04{80000002}}}", "der-unexpected", NULL},
        {"a0{04{80000001}}", "der-unexpected", "data[0].authentication"},
        {"a0{}", "der-missing", NULL},
        {"a1{30{}}", "der-missing", "data[0].encryption.kMKeyID"},
        {"a1{30{04{} 0500}}", "der-unexpected", "data[0].encryption.keyExpirationDate"},
        {"a2{30{04{80000001}}}", "der-unexpected", NULL},
        {"30{04{80000001}}", "der-unexpected", NULL},
    };

    FORMS(TOKEN_PROTOCOL_DATA, TOKEN_OID_DATA, "30{ % }", forms);
}

static void infos_are_one_value(void)
{
    static const struct form forms[] = {
        {"30{}", NULL, NULL},
        {"", "der-missing", "data[0]"},
        {"30{} 00", "der-unexpected", "data[0]"},
        {"308100", "der-length", "data[0]"},
        {"3080 0000", "der-indefinite", "data[0]"},
        {"31{}", "der-unexpected", "data[0]"},
        {"04{30{}}", "der-unexpected", "data[0]"},
    };

    FORMS(TOKEN_PROTOCOL_DATA, TOKEN_OID_DATA, "%", forms);
}

/* --- read, and written otherwise ------------------------------------------------- */

/* Reads `der`, which is not what we write; what we write then is `canonical`. */
static void becomes(struct gk_octets der, struct gk_octets canonical)
{
    struct gk_reason why = {0};
    struct token *token = token_from_der(der, &why);
    struct gk_writer again = {0};

    CU_ASSERT_PTR_NOT_NULL(token);
    if (!token)
        return;
    CU_ASSERT_TRUE(token_to_der(token, &again, &why));
    CU_ASSERT_EQUAL(gk_octets_compare(gk_writer_octets(&again), canonical), 0);
    gk_writer_free(&again);
    token_free(token);
}

/* Wire profile 11.1. */
static void errata_are_read_and_marked(void)
{
    struct gk_octets join = build_info(TOKEN_PROTOCOL_REGISTER);
    struct gk_octets rekey = build_info(TOKEN_PROTOCOL_REKEY);
    struct gk_octets der = build_with(TOKEN_PROTOCOL_REGISTER, "1.3.6.1.5.5.12.7", join);
    struct token *token = token_from_der(der, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    CU_ASSERT_TRUE(token->registrations[0].join.erratum);
    CU_ASSERT_EQUAL(token->registrations[0].join.kind, TOKEN_PROTOCOL_REGISTER);
    token_free(token);
    becomes(der, build_with(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, join));
    becomes(build_with(TOKEN_PROTOCOL_REKEY, "1.3.6.1.5.5.12.0.4", rekey),
            build_with(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY, rekey));
    /* In another place it is any unknown OID. */
    der = build_with(TOKEN_PROTOCOL_DATA, "1.3.6.1.5.5.12.0.4", rekey);
    becomes(der, der);
}

/* Wire profile 11.2, 11.11, 5.3. */
static void other_spellings(void)
{
    static const char rekey[] =
        "30{ 30{} 30{020100 020101} 80{} 30{06082b060105050c0401 04{%s}} 02013c "
        "30{06082b060105050c0501 04{%s}} 30{06082b060105050c0602 04{30{30{} %s}}} }";
    static const char join[] =
        "30{ 30{30{} 80{}} 30{} 30{a0{ 30{020100 020101} 30{020102} 02010c 80{} "
        "30{ 02011e 0101ff %s } }} 80{} }";
    static const char *const nulls[][2] = {
        {"30{30{} 80{}}", "30{30{} 0101ff 80{}}"},
        {"30{30{} 81{}}", "30{30{} 0101ff 81{}}"},
    };
    char *from = gk_format(rekey, "", "", "04{'domain'}");
    char *to = gk_format(rekey, "0500", "0500", "");

    becomes(build_with(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY, build_der(from)),
            build_with(TOKEN_PROTOCOL_REKEY, TOKEN_OID_REKEY, build_der(to)));
    free(from);
    free(to);
    from = gk_format(join, "010100");
    to = gk_format(join, "");
    becomes(build_with(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, build_der(from)),
            build_with(TOKEN_PROTOCOL_REGISTER, TOKEN_OID_REGISTER, build_der(to)));
    free(from);
    free(to);
    for (size_t i = 0; i < 2; i++)
        becomes(
            build_with(TOKEN_PROTOCOL_DEREGISTER, TOKEN_OID_DEREGISTER, build_der(nulls[i][0])),
            build_with(TOKEN_PROTOCOL_DEREGISTER, TOKEN_OID_DEREGISTER, build_der(nulls[i][1])));
}

static void unknown_protocols_stay(void)
{
    struct gk_octets info = gk_octets_of("\x30\x80 whatever");
    struct gk_octets der = build_with(TOKEN_PROTOCOL_REGISTER, "1.2.3.4", info);
    struct token *token = token_from_der(der, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    CU_ASSERT_EQUAL(token->registrations[0].join.kind, TOKEN_PROTOCOL_OPAQUE);
    CU_ASSERT_STRING_EQUAL(token->registrations[0].join.oid, "1.2.3.4");
    CU_ASSERT_TRUE(gk_octets_equal(token->registrations[0].join.info, info));
    token_free(token);
    becomes(der, der);
}

const struct test_suite suite_der_gaps = {
    "der_gaps",
    {
        {"core", core_gaps},
        {"registration", registration_gaps},
        {"access control", access_forms},
        {"senders and subordinates", sender_forms},
        {"join mechanisms", mechanism_forms},
        {"suites", suite_forms},
        {"de-registration's terse and transport", transport_forms},
        {"rekey events", event_forms},
        {"rekey methods", method_forms},
        {"reliability", reliability_forms},
        {"subordinate schemes", scheme_forms},
        {"generic data", data_forms},
        {"infos are one value", infos_are_one_value},
        {"errata are read and marked", errata_are_read_and_marked},
        {"other spellings are read", other_spellings},
        {"unknown protocols stay", unknown_protocols_stay},
        {NULL, NULL},
    }};
