/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes made by hand: each rule of wire profile 11.4 and 11.16 broken once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/vectors.h"
#include "token/cms-algorithm.h"
#include "token/cms.h"
#include "token/token.h"

#define SHA512       "06{608648016503040203}"
#define SHA256       "06{608648016503040201}"
#define ED25519      "06{2b6570}"
#define CONTENT_TYPE "30{06{2a864886f70d010903} 31{06082b060105050c0101}}"
#define TIME         "30{06{2a864886f70d010905} 31{17{'251231235821Z'}}}"

/* The parts of a ContentInfo in build_der's notation; NULL: as it should be. */
struct forge {
    const char *type, *version, *digests, *content, *certificates, *crls, *signers;
    const char *signer_version, *sid, *digest, *algorithm, *unsigned_attributes, *after;
    const char *content_type, *time, *message_digest, *extra; /* signed attributes */
    bool no_attributes;
    const char *signature; /* hexadecimal */
};

static char *hex_at(const char *path)
{
    return gk_strdup(vector_text(path));
}

static char *message_digest(const char *content)
{
    const struct cms_algorithm *algorithm = cms_algorithm_of_type(49153);
    uint8_t digest[CMS_DIGEST_MOST];
    char *hex;
    char *notation;

    cms_digest(algorithm, test_unhex(content), digest);
    hex = gk_hex(gk_octets(digest, algorithm->hash_size));
    notation = gk_format("30{06{2a864886f70d010904} 31{04{%s}}}", hex);
    free(hex);
    return notation;
}

/* The signature over the attributes as a SET OF, hexadecimal. */
static char *signature_of(const char *attributes)
{
    char *notation = gk_format("31{%s}", attributes);
    struct gk_writer signature = {0};
    struct gk_signer signer;
    char *hex;

    if (!gk_signer_open_seed(&signer, vector_octets("entities/owner/seed"), NULL) ||
        !signer.sign(&signer, build_der(notation), &signature, NULL))
        abort();
    gk_signer_free(&signer);
    hex = gk_hex(gk_writer_octets(&signature));
    gk_writer_free(&signature);
    free(notation);
    return hex;
}

/* Issuer and serial number of the owner's certificate, whose octets all vectors share. */
static char *owner_sid(void)
{
    struct cms cms;
    char *hex;
    char *at;
    char *end;

    if (!cms_verify(&cms, vector_octets("tokens/recommended/signed"), NULL))
        abort();
    hex = hex_at("tokens/recommended/signed");
    at = strstr(hex, "020203eb300b"); /* the SignerInfo's serial number, and what follows */
    end = at + 8;
    while (strncmp(at, "30463040", 8) != 0)
        at--;
    at = gk_format("%.*s", (int)(end - at), at);
    free(hex);
    return at;
}

static const char * or (const char *given, const char *usual)
{
    return given ? given : usual;
}

static char *signer_info(const struct forge *forge, const char *content)
{
    char *digest = message_digest(content);
    char *attributes =
        gk_format("%s %s %s %s", or (forge->content_type, CONTENT_TYPE), or (forge->time, TIME),
                  or (forge->message_digest, digest), or (forge->extra, ""));
    char *sid = owner_sid();
    char *signature = signature_of(attributes);
    char *tagged = gk_format("a0{%s}", attributes);
    char *info =
        gk_format("30{%s %s %s %s %s 04{%s} %s}", or (forge->signer_version, "020101"),
                  or (forge->sid, sid), or (forge->digest, "30{" SHA512 "}"),
                  forge->no_attributes ? "" : tagged, or (forge->algorithm, "30{" ED25519 "}"),
                  or (forge->signature, signature), or (forge->unsigned_attributes, ""));

    free(digest);
    free(attributes);
    free(sid);
    free(signature);
    free(tagged);
    return info;
}

static struct gk_octets forged(const struct forge *forge)
{
    char *content = hex_at("tokens/recommended/der");
    char *encapsulated = gk_format("30{06082b060105050c0101 a0{04{%s}}}", content);
    char *certificates = gk_format("a0{%s%s}", vector_text("entities/owner/certificate"),
                                   vector_text("entities/inter/certificate"));
    char *info = signer_info(forge, content);
    char *signers = gk_format("31{%s}", info);
    char *notation = gk_format(
        "30{06{%s} a0{30{%s 31{%s} %s %s %s %s}}} %s", or (forge->type, "2a864886f70d010702"),
        or (forge->version, "020103"), or (forge->digests, "30{" SHA512 "}"),
        or (forge->content, encapsulated), or (forge->certificates, certificates),
        or (forge->crls, ""), or (forge->signers, signers), or (forge->after, ""));
    struct gk_octets octets = build_der(notation);

    free(content);
    free(encapsulated);
    free(certificates);
    free(info);
    free(signers);
    free(notation);
    return octets;
}

static bool is_good(const struct forge *forge)
{
    struct gk_reason why = {0};
    struct cms cms;

    if (cms_verify(&cms, forged(forge), &why))
        return true;
    printf("\n    %s: %s, octet %zu\n", why.code, why.text, why.offset);
    return false;
}

static bool is_refused(const struct forge *forge, const char *code)
{
    struct gk_reason why = {.code = "accepted"};
    struct cms cms;

    if (!cms_verify(&cms, forged(forge), &why) && strcmp(why.code, code) == 0)
        return true;
    printf("\n    %s, not %s: %s\n", why.code, code, why.text);
    return false;
}

#define GOOD(...)          CU_ASSERT_TRUE(is_good(&(struct forge){__VA_ARGS__}))
#define REFUSED(code, ...) CU_ASSERT_TRUE(is_refused(&(struct forge){__VA_ARGS__}, code))

static void as_the_known_answer(void)
{
    struct forge forge = {0};

    CU_ASSERT_HEX(forged(&forge), vector_text("tokens/recommended/signed"));
    GOOD(0);
}

static void frame(void)
{
    REFUSED("cms-type", .type = "2a864886f70d010701");
    REFUSED("cms-version", .version = "020101");
    REFUSED("cms-version", .version = "020104");
    REFUSED("der-integer", .version = "02020003");
    REFUSED("der-trailing", .after = "00");
    REFUSED("der-trailing", .after = "0500");
}

static void content(void)
{
    REFUSED("cms-detached", .content = "30{06082b060105050c0101}");
    REFUSED("cms-content-type", .content = "30{06082b060105050c0102 a0{0400}}");
    REFUSED("cms-content-type", .content = "30{06{2a864886f70d010701} a0{0400}}");
    REFUSED("cms-digest", .content = "30{06082b060105050c0101 a0{0400}}");
    REFUSED("der-constructed", .content = "30{06082b060105050c0101 a0{24{0400}}}");
    REFUSED("der-unexpected", .content = "30{06082b060105050c0101 0400}");
    REFUSED("der-unexpected", .content = "30{06082b060105050c0101 a0{0400 0400}}");
}

static void digests(void)
{
    GOOD(.digests = "30{" SHA512 " 0500}");
    GOOD(.digests = "30{" SHA256 "} 30{" SHA512 "}");
    REFUSED("cms-digest-listed", .digests = "");
    REFUSED("cms-digest-listed", .digests = "30{" SHA256 "}");
    REFUSED("der-set-order", .digests = "30{" SHA512 "} 30{" SHA256 "}");
    REFUSED("der-unexpected", .digests = "30{" SHA512 " 020101}");
    REFUSED("asn1-module", .digests = "30{" SHA512 " 0500 0500}");
    GOOD(.digest = "30{" SHA512 " 0500}");
    REFUSED("cms-digest-listed", .digest = "30{" SHA256 "}");
    REFUSED("cms-algorithm", .digests = "30{" SHA256 "}", .digest = "30{" SHA256 "}");
}

static void signers(void)
{
    struct forge forge = {0};
    char *one = signer_info(&forge, vector_text("tokens/recommended/der"));
    char *two = gk_format("31{%s %s}", one, one);

    REFUSED("cms-signers", .signers = "31{}");
    forge.signers = two;
    CU_ASSERT_TRUE(is_refused(&forge, "cms-signers"));
    free(one);
    free(two);
    REFUSED("cms-version", .signer_version = "020103");
    REFUSED("cms-version", .signer_version = "020100");
}

static void signer_identifiers(void)
{
    char *sid = gk_format("80{%s}", vector_text("entities/owner/ski"));
    char *other = gk_format("80{%s}", vector_text("entities/inter/ski"));

    GOOD(.sid = sid, .signer_version = "020103");
    REFUSED("cms-version", .sid = sid);
    REFUSED("cms-signature", .sid = other, .signer_version = "020103");
    REFUSED("cms-signer", .sid = "80{00}", .signer_version = "020103");
    REFUSED("cms-signer", .sid = "80{}", .signer_version = "020103");
    REFUSED("der-unexpected", .sid = "a0{0400}", .signer_version = "020103");
    REFUSED("cms-signer", .sid = "30{30{} 020203eb}");
    free(sid);
    free(other);
}

static void attributes_are_there_once(void)
{
    static const char other[] = "30{06{2a03} 31{04{'a long value that sorts behind all the other "
                                "attributes, which have eighty octets or fewer'}}}";
    char *twice = message_digest(vector_text("tokens/recommended/der"));

    GOOD(.extra = other);
    REFUSED("cms-attributes", .no_attributes = true);
    REFUSED("cms-attributes", .content_type = "");
    REFUSED("cms-attributes", .time = "");
    REFUSED("cms-attributes", .message_digest = "");
    REFUSED("cms-attributes", .content_type = CONTENT_TYPE CONTENT_TYPE);
    REFUSED("cms-attributes", .time = TIME TIME);
    REFUSED("cms-attributes", .extra = twice);
    REFUSED("der-set-order", .content_type = TIME, .time = CONTENT_TYPE);
    free(twice);
}

static void attribute_values(void)
{
#define ATTRIBUTE(number, value) "30{06{2a864886f70d0109" number "} 31{" value "}}"
    REFUSED("cms-content-type", .content_type = ATTRIBUTE("03", "06082b060105050c0102"));
    REFUSED("der-missing", .content_type = ATTRIBUTE("03", ""));
    REFUSED("der-unexpected", .content_type = ATTRIBUTE("03", "06{2b060105050c0101} 06{2b}"));
    REFUSED("cms-digest", .message_digest = ATTRIBUTE("04", "04{'abcdefghijklmnopqrstuvwxyz'}"));
    REFUSED("der-unexpected", .message_digest = ATTRIBUTE("04", "0c{'abcdefghijklmnopqrstuvw'}"));
    GOOD(.time = ATTRIBUTE("05", "17{'500101000000Z'}"));
    GOOD(.time = ATTRIBUTE("05", "18{'20500101000000Z'}"));
    GOOD(.time = ATTRIBUTE("05", "18{'19491231235959Z'}"));
    REFUSED("cms-time", .time = ATTRIBUTE("05", "18{'20491231235959Z'}"));
    REFUSED("cms-time", .time = ATTRIBUTE("05", "18{'19500101000000Z'}"));
    REFUSED("cms-time", .time = ATTRIBUTE("05", "18{'20500101000000.5Z'}"));
    REFUSED("der-time", .time = ATTRIBUTE("05", "17{'251331235821Z'}"));
    REFUSED("der-time", .time = ATTRIBUTE("05", "17{'2512312358Z'}"));
    REFUSED("der-unexpected", .time = ATTRIBUTE("05", "13{'251231235821Z'}"));
#undef ATTRIBUTE
}

static void algorithms(void)
{
    REFUSED("cms-algorithm", .algorithm = "30{06{2a864886f70d01010b} 0500}");
    REFUSED("cms-algorithm", .algorithm = "30{06{2a864886f70d010105} 0500}"); /* with SHA-1 */
    REFUSED("cms-key", .algorithm = "30{06{2a864886f70d01010d} 0500}");
    REFUSED("der-missing", .algorithm = "30{06{2a864886f70d01010a} 30{}}");
    REFUSED("cms-algorithm", .algorithm = "30{06{2a8648ce380403}}");
    REFUSED("cms-algorithm", .algorithm = "30{06{2a03}}");
    REFUSED("cms-algorithm", .algorithm = "30{" ED25519 " 0500}");
    /* ECDSA needs another digest, and then another key. */
    REFUSED("cms-algorithm", .algorithm = "30{06{2a8648ce3d040302}}");
}

static void signatures(void)
{
    struct gk_octets seed = vector_octets("entities/owner/seed");
    char *zeros = gk_format("%0128d", 0);

    CU_ASSERT_EQUAL(seed.size, 32);
    REFUSED("cms-signature", .signature = zeros);
    REFUSED("cms-signature", .signature = "");
    REFUSED("cms-signature", .signature = "00");
    GOOD(.unsigned_attributes = "a1{30{06{2a03} 31{0500}}}");
    REFUSED("der-null", .unsigned_attributes = "a1{30{06{2a03} 31{050100}}}");
    REFUSED("asn1-module", .unsigned_attributes = "a1{0500}");
    REFUSED("der-unexpected", .unsigned_attributes = "0500");
    free(zeros);
}

static void certificates(void)
{
    const char *owner = vector_text("entities/owner/certificate");
    const char *inter = vector_text("entities/inter/certificate");
    char *only_inter = gk_format("a0{%s}", inter);
    char *only_owner = gk_format("a0{%s}", owner);
    char *turned = gk_format("a0{%s%s}", inter, owner);
    char *twice = gk_format("a0{%s%s}", owner, owner);
    char *many = gk_format("a0{%s%s%s%s%s%s%s%s%s%s%s}", owner, inter, inter, inter, inter, inter,
                           inter, inter, inter, inter, inter);
    char *ten = gk_format("%.*s}", (int)(strlen(many) - strlen(inter) - 1), many);
    char *attribute = gk_format("a0{%s a1{0500}}", owner);

    GOOD(.certificates = only_owner);
    GOOD(.certificates = ten);
    REFUSED("cms-certificates", .certificates = many);
    REFUSED("cms-signer", .certificates = only_inter);
    REFUSED("cms-signer", .certificates = "");
    REFUSED("cms-signer", .certificates = "a0{}");
    REFUSED("cms-signer", .certificates = twice);
    REFUSED("der-set-order", .certificates = turned);
    REFUSED("der-unexpected", .certificates = attribute);
    free(only_inter);
    free(only_owner);
    free(turned);
    free(twice);
    free(many);
    free(ten);
    free(attribute);
}

/* Wire profile 11.16: the inside of extensions counts, also in certificates of no use. */
static void certificates_are_strict(void)
{
    static const char old[] = "30060101ff020100"; /* basicConstraints of the intermediate */
    char *hex = gk_format("a0{%s%s}", vector_text("entities/owner/certificate"),
                          vector_text("entities/inter/certificate"));
    struct forge forge = {.certificates = hex};
    struct gk_reason why = {0};
    struct cms cms;
    char *at = strstr(hex, old);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at + 8, "01", 2);
    CU_ASSERT_FALSE(cms_verify(&cms, forged(&forge), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "der-boolean");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(why.text, "content.certificates[1].tbsCertificate.extensions[0].extnValue"));
    free(hex);
}

#define CRL(extension, signature)                                                                  \
    "a1{30{30{020101 30{06{2a8648ce3d040302}} 30{} 17{'260101000000Z'} 17{'260201000000Z'} "       \
    "30{30{020105 17{'260101000000Z'} 30{30{06{551d15} 04{" extension "}}}}} "                     \
    "a0{30{30{06{551d14} 04{020101}}}}} 30{06{2a8648ce3d040302}} 03{00" signature "}}}"

static void crls(void)
{
    GOOD(.crls = CRL("0a0101", "30{020101 020101}"));
    REFUSED("der-integer", .crls = CRL("0a020001", "30{020101 020101}"));
    REFUSED("der-trailing", .crls = CRL("0a010100", "30{020101 020101}"));
    REFUSED("der-integer", .crls = CRL("0a0101", "30{02020001 020101}"));
    REFUSED("der-signature", .crls = CRL("0a0101", "30{020100 020101}"));
    REFUSED("der-enumerated", .crls = CRL("0a0107", "30{020101 020101}"));
    REFUSED("der-enumerated", .crls = CRL("0a010b", "30{020101 020101}"));
    REFUSED("der-unexpected", .crls = "a1{a1{}}");
}

static void indefinite_lengths(void)
{
    char *hex = gk_format("3080%s0000", vector_text("tokens/recommended/signed") + 8);
    struct gk_reason why = {0};
    struct cms cms;

    CU_ASSERT_FALSE(cms_verify(&cms, test_unhex(hex), &why));
    CU_ASSERT_STRING_EQUAL(why.code, "der-indefinite");
    CU_ASSERT_EQUAL(why.offset, 0);
    free(hex);
}

static bool three_octets(const struct gk_signer *signer, struct gk_octets data,
                         struct gk_writer *to, struct gk_reason *why)
{
    (void)signer;
    (void)data;
    (void)why;
    gk_write(to, "abc", 3);
    return true;
}

static void signing_refuses(void)
{
    const struct gk_signer odd = {.type = 49154, .sign = three_octets};
    struct gk_octets owner = vector_octets("entities/owner/certificate");
    struct gk_octets gcks = vector_octets("entities/gcks/certificate");
    struct gk_octets der = vector_octets("tokens/recommended/der");
    struct gk_secret big = gk_secret_new(TOKEN_MAX);
    struct gk_octets none = {0};
    struct gk_writer to = {0};
    struct gk_signer signer;
    struct gk_reason why;

    CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, vector_octets("entities/owner/seed"), NULL));
    gk_write_u8(&to, 0xee);
#define FAILS(reason, ...)                                                                         \
    CU_ASSERT_FALSE(cms_sign(__VA_ARGS__, &to, &why));                                             \
    CU_ASSERT_STRING_EQUAL(why.code, reason);                                                      \
    CU_ASSERT_EQUAL(to.size, 1)
    FAILS("cms-key", der, &gcks, 1, &signer, 0);
    FAILS("cms-certificates", der, &owner, 0, &signer, 0);
    FAILS("cms-certificates", der, &owner, 11, &signer, 0);
    FAILS("cms-size", gk_secret_octets(&big), &owner, 1, &signer, 0);
    FAILS("cms-time", der, &owner, 1, &signer, GK_TIME_NEVER + 1);
    FAILS("der-missing", der, &none, 1, &signer, 0);
    CU_ASSERT_TRUE(cms_sign(der, &owner, 1, &signer, GK_TIME_NEVER, &to, &why));
    gk_writer_cut(&to, 1);
    signer.type = 0;
    FAILS("sign", der, &owner, 1, &signer, 0);
    signer.type = 2;
    FAILS("cms-algorithm", der, &owner, 1, &signer, 0);
    signer.type = 49153;
    FAILS("cms-signature-form", der, &owner, 1, &odd, 0);
#undef FAILS
    gk_signer_free(&signer);
    gk_writer_free(&to);
    gk_secret_free(&big);
}

const struct test_suite suite_cms = {"cms",
                                     {
                                         {"as the known answer", as_the_known_answer},
                                         {"frame", frame},
                                         {"content", content},
                                         {"digests", digests},
                                         {"signers", signers},
                                         {"signer identifiers", signer_identifiers},
                                         {"attributes are there once", attributes_are_there_once},
                                         {"attribute values", attribute_values},
                                         {"algorithms", algorithms},
                                         {"signatures", signatures},
                                         {"certificates", certificates},
                                         {"certificates are strict", certificates_are_strict},
                                         {"CRLs", crls},
                                         {"indefinite lengths", indefinite_lengths},
                                         {"signing refuses", signing_refuses},
                                         {NULL, NULL},
                                     }};
