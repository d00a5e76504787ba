/* SPDX-License-Identifier: Apache-2.0 */
/* Files under a group's key: what was sealed opens, by OpenSSL's hand too, and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "roles/seal/seal.h"
#include "tests/gsakmp/freed.h"
#include "tests/harness.h"

#define ID         0x80000001u
#define HANDLE     2u
#define AES128_GCM 49153
#define AES256_GCM 49154
#define CHACHA20   49155
#define AES_CBC    12
#define TEXT       "attack at dawn\n"

static const uint8_t octets[33] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                   11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                   22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};

/* Made by OpenSSL 3.0.22: openssl cms -encrypt -binary -aes-256-gcm -secretkey 000102...1f
 * -secretkeyid 8000000100000002 -outform DER, and so on. */
static const char gcm_256[] =
    "3081b0060b2a864886f70d0109100117a081a030819d0201003148a246020104300a04088000000100000002"
    "300b060960864801650304012d0428c5d521c8ba5b251aad32bc4e63d4491c349d52dab6dc7c23ead7803fa7"
    "dd58943b35d2364228df6e303c06092a864886f70d010701301e060960864801650304012e3011040ce5b3dc"
    "4baff846845890f840020110800f4fb17307dd559c6d93ea54d63aab3f0410bb989e14f06b60f9e0a56b0979"
    "97ee38";
static const char gcm_128[] =
    "3081a0060b2a864886f70d0109100117a0819030818d0201003138a236020104300a04088000000100000002"
    "300b0609608648016503040105041865e8a230d7b75e592e22e2c62ad8df0d79509245f0dafd89303c06092a"
    "864886f70d010701301e06096086480165030401063011040c8035aeb6df4a8afdc178541d020110800f842f"
    "29e53248368544ee8ba71d093404101f48fd1f9e824336ca91a0ebc093e471";
static const char cbc_256[] =
    "30819c06092a864886f70d010703a0818e30818b0201023148a246020104300a04088000000100000002300b"
    "060960864801650304012d04282392732548b9835a8c211e5dba39ac58ecc4b811d9b19db2362726a87ba8dc"
    "f1400e597ed57f2789303c06092a864886f70d010701301d060960864801650304012a0410088cb0682adf2f"
    "464fcb3837a6cf9bc68010323a7ffc1a88eaafc9174d3ce3d4b8a1";
static const char cbc_128[] =
    "30818a06092a864886f70d010703a07d307b0201023138a236020104300a04088000000100000002300b0609"
    "6086480165030401050418fe8b499b12c526b916990ef0df76647bb817bdbd6bcf3cfe303c06092a864886f7"
    "0d010701301d06096086480165030401020410f80e172de579796bdc55a20191c23a4d8010e4cf53c7b07534"
    "932984ef3bd0dad028";
/* The content under AES-128, its key wrapped with AES-256. */
static const char cbc_128_wrapped_256[] =
    "30818a06092a864886f70d010703a07d307b0201023138a236020104300a04088000000100000002300b0609"
    "60864801650304012d0418d74928a721e1647b0da9af0d4da5dca9910bea5a75b28668303c06092a864886f7"
    "0d010701301d06096086480165030401020410a7267801f778aeb3dcfa8aff30165e2a8010b6285aa195e85d"
    "956e071c46ae123654";
/* A recipient by certificate stands beside the one by key. */
static const char two_recipients[] =
    "308201e006092a864886f70d010703a08201d1308201cd020102318201883082013c0201003024300c310a30"
    "0806035504030c017802141c8ed78217d73a315806fedf81331f21f2c1ae2a300d06092a864886f70d010101"
    "050004820100a0e31643a16d9a2b4ca03ddf43d3c47fb6dba54adefc6180df0b95edcb45700166002f34366a"
    "4d1ae434b5d6e1912f890184b9b5c6c616963e799adbeb4807332ce53a4a9a531f5f4238d0e193aae0c0bba2"
    "a91bb2811cf19c4305c6b540033ba7693be7d3bfe09dec304c6f01855fa18d7490dacc936c0e5281c54a702a"
    "e5d57d18bef553bbc9c3f2252afa644b067dfd7b14fd1b961ed982ccf16ecba6684d1927f16d742a9279302b"
    "955524d3a198bcc240eba22c8dddb7f29ce1e6e897b809ef747141caa0626e75de10d077c8d6f7d79e6a7583"
    "08419803efdba5ee764e1b9ba8ad67860deb39efd7794bd20ab5efc807d98551bf8dad7b3477cf5d3953a246"
    "020104300a04088000000100000002300b060960864801650304012d04280d9cd8a5f255597312d230e3afb5"
    "33c3f22ea1859ead64b3734fd23d274eb737b72a4416092f221c303c06092a864886f70d010701301d060960"
    "864801650304012a0410fd3c3e29e90b723b8b216df355eac6328010347242ed0847092fa4f3f42b415ebc40";

static struct seal_key key_of(uint16_t type, size_t size)
{
    return (struct seal_key){ID, HANDLE, type, gk_octets(octets, size)};
}

static bool opens(struct gk_octets sealed, struct seal_key key, const char *text, const char *code)
{
    struct gk_reason why = {.code = "none"};
    struct envelope envelope;
    struct gk_secret plain = {0};
    bool good = envelope_read(sealed, &envelope, &why) &&
                seal_open(&envelope, &envelope.recipient[0], &key, &plain, &why);
    bool as_expected = code ? !good && !plain.size && strcmp(why.code, code) == 0
                            : good && gk_octets_equal(gk_secret_octets(&plain), gk_octets_of(text));

    if (!as_expected)
        printf("\n    %s: %s\n", why.code, why.text);
    gk_secret_free(&plain);
    return as_expected;
}

static void what_openssl_sealed_opens(void)
{
    CU_ASSERT_TRUE(opens(test_unhex(gcm_256), key_of(AES256_GCM, 32), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(gcm_128), key_of(AES128_GCM, 16), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(gcm_128), key_of(AES_CBC, 16), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(cbc_256), key_of(AES256_GCM, 32), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(cbc_128), key_of(AES_CBC, 16), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(cbc_128_wrapped_256), key_of(AES256_GCM, 32), TEXT, NULL));
    CU_ASSERT_TRUE(opens(test_unhex(two_recipients), key_of(AES256_GCM, 32), TEXT, NULL));
}

static void what_is_sealed_opens(void)
{
    static char text[100];
    struct gk_random random = test_random(1);

    for (size_t size = 0; size < sizeof text; size += 1 + size / 7) {
        for (unsigned form = 0; form < 4; form++) {
            struct seal_key key = form & 1 ? key_of(AES256_GCM, 32) : key_of(AES128_GCM, 16);
            struct gk_writer sealed = {0};
            struct envelope envelope;

            memset(text, 'x', size);
            text[size] = '\0';
            CU_ASSERT_TRUE(seal_make(&key, form & 2, &random, gk_octets_of(text), &sealed, NULL));
            CU_ASSERT_TRUE(opens(gk_writer_octets(&sealed), key, text, NULL));
            CU_ASSERT_TRUE(envelope_read(gk_writer_octets(&sealed), &envelope, NULL));
            CU_ASSERT_EQUAL(envelope.authenticated, !(form & 2));
            CU_ASSERT_EQUAL(envelope.recipient_count, 1);
            CU_ASSERT_TRUE(envelope.recipient[0].id == ID &&
                           envelope.recipient[0].handle == HANDLE);
            gk_writer_free(&sealed);
        }
    }
}

/* Sealed twice: nothing but the form is the same. */
static void nothing_repeats(void)
{
    struct seal_key key = key_of(AES256_GCM, 32);
    struct gk_random random = test_random(2);
    struct gk_writer sealed[2] = {{0}, {0}};
    struct envelope envelope[2];

    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(seal_make(&key, false, &random, gk_octets_of(TEXT), &sealed[i], NULL));
        CU_ASSERT_TRUE(envelope_read(gk_writer_octets(&sealed[i]), &envelope[i], NULL));
    }
    CU_ASSERT_FALSE(gk_octets_equal(envelope[0].iv, envelope[1].iv));
    CU_ASSERT_FALSE(gk_octets_equal(envelope[0].content, envelope[1].content));
    CU_ASSERT_FALSE(
        gk_octets_equal(envelope[0].recipient[0].wrapped, envelope[1].recipient[0].wrapped));
    gk_writer_free(&sealed[0]);
    gk_writer_free(&sealed[1]);
}

static void keys_that_do_not_fit(void)
{
    struct gk_octets sealed = test_unhex(gcm_256);
    struct seal_key other = key_of(AES256_GCM, 32);
    struct seal_key wrong[] = {key_of(CHACHA20, 32), key_of(AES256_GCM, 24), key_of(7, 32),
                               key_of(AES256_GCM, 0)};
    struct gk_random random = test_random(3);
    struct gk_reason why;
    struct gk_writer to = {0};

    other.octets = gk_octets(octets + 1, 32);
    CU_ASSERT_TRUE(opens(sealed, other, NULL, "seal-open"));
    CU_ASSERT_TRUE(opens(sealed, key_of(AES128_GCM, 16), NULL, "seal-open"));
    CU_ASSERT_TRUE(opens(test_unhex(gcm_128), key_of(AES256_GCM, 32), NULL, "seal-open"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT_TRUE(opens(sealed, wrong[i], NULL, "seal-key-type"));
        CU_ASSERT_FALSE(seal_make(&wrong[i], false, &random, gk_octets_of(TEXT), &to, &why));
        CU_ASSERT_STRING_EQUAL(why.code, "seal-key-type");
        CU_ASSERT_EQUAL(to.size, 0);
    }
}

/* How many of all copies with one bit changed, from an octet up to another, open under the names
 * that choose the key. */
static size_t changed_that_open(struct gk_octets sealed, size_t from, size_t to)
{
    struct gk_secret copy = gk_secret_copy(sealed);
    size_t taken = 0;

    for (size_t i = from * 8; i < to * 8; i++) {
        struct envelope envelope;
        struct gk_secret plain = {0};
        struct seal_key key = key_of(AES256_GCM, 32);

        copy.data[i / 8] ^= (uint8_t)(1 << i % 8);
        if (envelope_read(gk_secret_octets(&copy), &envelope, NULL) &&
            envelope.recipient[0].id == ID && envelope.recipient[0].handle == HANDLE &&
            seal_open(&envelope, &envelope.recipient[0], &key, &plain, NULL))
            taken++;
        else
            CU_ASSERT_PTR_NULL(plain.data);
        gk_secret_free(&plain);
        copy.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    gk_secret_free(&copy);
    return taken;
}

/* Each bit of an authenticated envelope matters, of the other those of the wrapped key. */
static void what_was_changed_does_not_open(void)
{
    struct gk_octets sealed = test_unhex(gcm_256);
    struct envelope envelope;
    size_t at;

    CU_ASSERT_EQUAL(changed_that_open(sealed, 0, sealed.size), 0);
    sealed = test_unhex(cbc_256);
    CU_ASSERT_TRUE(envelope_read(sealed, &envelope, NULL));
    at = (size_t)(envelope.recipient[0].wrapped.data - sealed.data);
    CU_ASSERT_EQUAL(changed_that_open(sealed, at, at + envelope.recipient[0].wrapped.size), 0);
}

static void what_was_cut_is_refused(void)
{
    static const char *const all[] = {gcm_256, cbc_128, two_recipients};
    struct envelope envelope;
    struct gk_reason why;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct gk_octets sealed = test_unhex(all[i]);
        struct gk_writer longer = {0};

        for (size_t size = 0; size < sealed.size; size++)
            CU_ASSERT_FALSE(envelope_read(gk_octets(sealed.data, size), &envelope, NULL));
        gk_write_octets(&longer, sealed);
        gk_write_u8(&longer, 0);
        CU_ASSERT_FALSE(envelope_read(gk_writer_octets(&longer), &envelope, &why));
        CU_ASSERT_STRING_EQUAL(why.code, "envelope-size");
        gk_writer_free(&longer);
    }
}

/* One place of a good envelope changed. */
static bool refused(const char *hex, const char *from, const char *to, const char *code)
{
    char *text = gk_strdup(hex);
    char *at = strstr(text, from);
    struct gk_reason why = {.code = "none"};
    struct envelope envelope;
    bool good;

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    memcpy(at, to, strlen(to));
    good = !envelope_read(test_unhex(text), &envelope, &why) && strcmp(why.code, code) == 0;
    if (!good)
        printf("\n    %s: %s\n", why.code, why.text);
    free(text);
    return good;
}

static void forms_that_are_not_taken(void)
{
    /* EnvelopedData that says it is AuthEnvelopedData's neighbour, or SignedData */
    CU_ASSERT_TRUE(
        refused(cbc_256, "06092a864886f70d010703", "06092a864886f70d010702", "envelope-type"));
    /* AES-256-GCM -> CCM, AES-256-CBC -> OFB */
    CU_ASSERT_TRUE(
        refused(gcm_256, "60864801650304012e", "60864801650304012f", "envelope-algorithm"));
    CU_ASSERT_TRUE(
        refused(cbc_256, "60864801650304012a", "60864801650304012b", "envelope-algorithm"));
    /* aes256-wrap -> aes192-wrap: no recipient that is ours */
    CU_ASSERT_TRUE(
        refused(gcm_256, "60864801650304012d", "608648016503040119", "envelope-recipient"));
    /* a tag of 12 octets is announced */
    CU_ASSERT_TRUE(refused(gcm_256, "020110", "02010c", "envelope-algorithm"));
    /* KEKRecipientInfo version 3, content that is not data, BER's long length */
    CU_ASSERT_TRUE(refused(gcm_256, "a246020104", "a246020103", "envelope-part"));
    CU_ASSERT_TRUE(
        refused(cbc_256, "06092a864886f70d010701", "06092a864886f70d010702", "envelope-type"));
}

static void keys_leave_nothing_behind(void)
{
    struct seal_key key = key_of(AES256_GCM, 32);
    struct gk_random random = test_random(4);
    struct gk_random same = test_random(4);
    struct gk_writer sealed = {0};
    struct gk_secret content_key = gk_random_secret(&same, 32);

    freed_watch(gk_secret_octets(&content_key));
    freed_watch(gk_octets_of("a text of sixteen octets or more"));
    CU_ASSERT_TRUE(seal_make(&key, false, &random, gk_octets_of("a text of sixteen octets or more"),
                             &sealed, NULL));
    CU_ASSERT_TRUE(opens(gk_writer_octets(&sealed), key, "a text of sixteen octets or more", NULL));
    CU_ASSERT_EQUAL(freed_found(), 0);
    gk_secret_free(&content_key);
    gk_writer_free(&sealed);
}

const struct test_suite suite_seal = {
    "seal",
    {
        {"what OpenSSL sealed opens", what_openssl_sealed_opens},
        {"what is sealed opens", what_is_sealed_opens},
        {"nothing repeats", nothing_repeats},
        {"keys that do not fit", keys_that_do_not_fit},
        {"what was changed does not open", what_was_changed_does_not_open},
        {"what was cut is refused", what_was_cut_is_refused},
        {"forms that are not taken", forms_that_are_not_taken},
        {"keys leave nothing behind", keys_leave_nothing_behind},
        {NULL, NULL},
    }};
