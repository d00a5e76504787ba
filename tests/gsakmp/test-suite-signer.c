/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <pthread.h>
#include <string.h>

#include <gnutls/x509.h>

#include "gsakmp/signature-rs.h"
#include "gsakmp/suite-rows.h"
#include "tests/vectors.h"

/* Keys made for these tests only. */
static const char p256_sec1[] = "-----BEGIN EC PRIVATE KEY-----\n"
                                "MHcCAQEEIHxHSOTDBiCnvZVMTkf9Au/Dm0O24Xi6nDpbFJk6sBHXoAoGCCqGSM49\n"
                                "AwEHoUQDQgAEkI+wAPgieeaZHnmAmfGDBzADISF1g6fFjZ4MNkJU1RL5kFUukncp\n"
                                "EHV2zXB/ccxpKICVEfRPsub+A0xJ0FoWFw==\n"
                                "-----END EC PRIVATE KEY-----\n";

static const char p256_encrypted[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgC3VEJxoixwgICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECQw1D6NJStuGwjXXb/3lSwEgZDD\n"
    "oSP1EkabfGqcRXhgHl2XaoCJq//dAtNOli/1fxKB//+gFfm+FDtRPjy0BOFnUe6W\n"
    "Ek2JidG8vhhmAbhWvBcytiPtRC9wxVHV1Blsnn7tYjq/ypLrIoyO8BZ1HmtGsgmw\n"
    "GlykryzQA5D3SzIMAAzhA7BWG6iZFZ054fKJqgU758jq7J+BvL/wTPJwc7XJibk=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

static const char p384[] = "-----BEGIN EC PRIVATE KEY-----\n"
                           "MIGkAgEBBDAvPe4SxiDEorfDPdCQb2wN25uRKxbmj8pVWlqwDtHPObW0+ulHaMp6\n"
                           "KtbAJhBmn1mgBwYFK4EEACKhZANiAAS8FqmAiHvOiWA75T6OtdsN+CCabWbFJKwC\n"
                           "8pUWB/VX/GW4IYtxYMDcat/sbo9Ch0q6pOwxFVqVkneOsLua/xZ8sSaiTHzlvNtP\n"
                           "HVfOvof5bOMXfBO46hA496UNVa/C7s4=\n"
                           "-----END EC PRIVATE KEY-----\n";

static const char p521[] = "-----BEGIN EC PRIVATE KEY-----\n"
                           "MIHcAgEBBEIBTqRi0oA1iFHg6BGV0Gv347tTuD0Urf+olJ4mqQVuzW0PvSqfGzxT\n"
                           "y49OaByrYE+3/7Bw8kJFeEArD6gVlDPvPfygBwYFK4EEACOhgYkDgYYABACVujh/\n"
                           "H159CtGiLGeZ+zmxgndl6UcNrwjQ8hzce8HPdS/DTrHyT/59A3H1rprC7f582LJ5\n"
                           "dEDsbu42kvzXZPEU8AAnS2VXlO+4y+jVj9nrJOJHAk9UvBrI9vPDy7JBQkPi1OFh\n"
                           "Nkkje+7xTkqtwYyqPme+N0wDleBZ6UoZC3vSpxDeew==\n"
                           "-----END EC PRIVATE KEY-----\n";

static const char ed448[] = "-----BEGIN PRIVATE KEY-----\n"
                            "MEcCAQAwBQYDK2VxBDsEOagB3SXxWdDv7f/H1gaZTB/eBRscGmRuvDiBzWOsJL4Z\n"
                            "2sMHNqkB+rXCiVa+HpX4UigcxmKgKQ4x8A==\n"
                            "-----END PRIVATE KEY-----\n";

static const char p256_explicit[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MIIBaAIBAQQgw4JgS+NP8qssHzZfZ4+EXZlJaaiNV/0qQIewAuEf0QGggfowgfcC\n"
    "AQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAAAAAAAAAAAAAA////////////////\n"
    "MFsEIP////8AAAABAAAAAAAAAAAAAAAA///////////////8BCBaxjXYqjqT57Pr\n"
    "vVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSdNgiG5wSTamZ44ROdJreBn36QBEEE\n"
    "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54W\n"
    "K84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA//////////+85vqtpxeehPO5ysL8\n"
    "YyVRAgEBoUQDQgAEm9vAsTgNkiutkb915ilS0QMrMkHq4DcF8Jq8PBs6gvebRHKP\n"
    "l5JQZBcUkNhjSrgt6BvSBaAXGMuTDzabFfSaTQ==\n"
    "-----END EC PRIVATE KEY-----\n";

/* Opens, signs, verifies with the row whatever it runs, and takes the signature apart by form. */
static void check(const char *key, int32_t type, const char *password, uint16_t expected)
{
    struct gk_octets text = gk_octets_of("octets to sign");
    const struct gk_signature_scheme *row;
    struct gk_reason why = {.text = ""};
    struct gk_writer spki = {0};
    struct gk_signer signer;

    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, gk_octets_of(key), type, password, &why));
    CU_ASSERT_EQUAL(signer.type, expected);
    CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
    row = gk_signature_find(signer.type);
    for (int round = 0; round < 20; round++) {
        struct gk_writer signature = {0};

        gk_write_u8(&signature, 0x55);
        CU_ASSERT_TRUE(signer.sign(&signer, text, &signature, NULL));
        CU_ASSERT_EQUAL(signature.data[0], 0x55);
        CU_ASSERT_TRUE(row->verify(row, gk_writer_octets(&spki), text,
                                   gk_octets(signature.data + 1, signature.size - 1), NULL));
        CU_ASSERT_TRUE(signature.size - 1 <= row->size_most);
        CU_ASSERT_TRUE(row->der || row->type == 49156 || signature.size - 1 == row->size_most);
        /* DER varies by an octet either way, and by more in one of a hundred. */
        CU_ASSERT_TRUE(row->der ? signature.size - 1 < signer.size + 2 &&
                                      signature.size - 1 + 6 > signer.size
                                : signature.size - 1 == signer.size);
        gk_writer_free(&signature);
    }
    gk_signer_free(&signer);
    CU_ASSERT_PTR_NULL(signer.context);
    gk_signer_free(&signer);
    gk_writer_free(&spki);
}

static void the_scheme_follows_from_the_key(void)
{
    check(p256_sec1, -1, NULL, 49154);
    check(p256_encrypted, -1, "secret", 49154);
    check(p384, -1, NULL, 49155);
    check(vector_text("verify/0/key"), -1, NULL, 0);
    check(vector_text("verify/1/key"), -1, NULL, 49154);
    check(vector_text("verify/2/key"), -1, NULL, 49156);
}

/* Of one P-384 key: what is signed by one type is no signature of the other, in either form. */
static void types_of_one_key_are_apart(void)
{
    struct gk_octets text = gk_octets_of("octets to sign");
    struct gk_writer signature[2] = {{0}, {0}};
    struct gk_writer spki = {0};
    struct gk_writer form = {0};
    struct gk_signer signer[2];
    struct gk_octets r;
    struct gk_octets s;

    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer[0], gk_octets_of(p384), 2, NULL, NULL));
    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer[1], gk_octets_of(p384), 49155, NULL, NULL));
    CU_ASSERT_TRUE(gk_signer_spki(&signer[0], &spki, NULL));
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(signer[i].sign(&signer[i], text, &signature[i], NULL));
        CU_ASSERT_TRUE(gk_signature_verify(signer[i].type, gk_writer_octets(&spki), text,
                                           gk_writer_octets(&signature[i]), NULL));
        CU_ASSERT_FALSE(gk_signature_verify(signer[!i].type, gk_writer_octets(&spki), text,
                                            gk_writer_octets(&signature[i]), NULL));
    }
    CU_ASSERT_TRUE_FATAL(gk_rs_write(gk_octets(signature[1].data, 48),
                                     gk_octets(signature[1].data + 48, 48), &form));
    CU_ASSERT_FALSE(
        gk_signature_verify(2, gk_writer_octets(&spki), text, gk_writer_octets(&form), NULL));
    gk_writer_cut(&form, 0);
    CU_ASSERT_TRUE_FATAL(gk_rs_read(gk_writer_octets(&signature[0]), &r, &s));
    for (size_t i = r.size; i < 48; i++)
        gk_write_u8(&form, 0);
    gk_write_octets(&form, r);
    for (size_t i = s.size; i < 48; i++)
        gk_write_u8(&form, 0);
    gk_write_octets(&form, s);
    CU_ASSERT_FALSE(
        gk_signature_verify(49155, gk_writer_octets(&spki), text, gk_writer_octets(&form), NULL));
    for (int i = 0; i < 2; i++) {
        gk_writer_free(&signature[i]);
        gk_signer_free(&signer[i]);
    }
    gk_writer_free(&form);
    gk_writer_free(&spki);
}

static void a_scheme_may_be_asked_for(void)
{
    check(p256_sec1, 49154, NULL, 49154);
    check(p384, 49155, NULL, 49155);
    check(p384, 2, NULL, 2);
    check(vector_text("verify/0/key"), 0, NULL, 0);
}

static const char *refusal(const char *key, int32_t type, const char *password)
{
    static struct gk_reason why;
    struct gk_signer signer;

    why = (struct gk_reason){.code = NULL};
    if (gk_signer_open(&signer, gk_octets_of(key), type, password, &why))
        gk_signer_free(&signer);
    CU_ASSERT_PTR_NULL(signer.context);
    return why.code ? why.code : "none";
}

static void a_key_that_does_not_fit_is_refused(void)
{
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 49153, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 49155, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 0, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p384, 49154, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p521, -1, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p521, 49155, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(ed448, -1, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(ed448, 49153, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(vector_text("verify/2/key"), 0, NULL), "key-kind");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 1, NULL), "not-run");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 7, NULL), "not-run");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, 65536 + 49154, NULL), "not-run");
}

static void unreadable_keys_are_refused(void)
{
    CU_ASSERT_STRING_EQUAL(refusal("", -1, NULL), "key-read");
    CU_ASSERT_STRING_EQUAL(refusal("no key at all", -1, NULL), "key-read");
    CU_ASSERT_STRING_EQUAL(refusal("-----BEGIN PRIVATE KEY-----\nAAAA\n", -1, NULL), "key-read");
    CU_ASSERT_STRING_EQUAL(refusal(p256_explicit, -1, NULL), "key-read");
    CU_ASSERT_STRING_EQUAL(refusal(p256_encrypted, -1, NULL), "key-password");
    CU_ASSERT_STRING_EQUAL(refusal(p256_encrypted, -1, "wrong"), "key-password");
    CU_ASSERT_STRING_EQUAL(refusal(p256_encrypted, -1, ""), "key-password");
    CU_ASSERT_STRING_EQUAL(refusal(p256_sec1, -1, "secret"), "none");
}

static void seeds_have_32_octets(void)
{
    static const uint8_t seed[64] = {1};
    struct gk_signer signer;

    CU_ASSERT_FALSE(gk_signer_open_seed(&signer, gk_octets(seed, 31), NULL));
    CU_ASSERT_FALSE(gk_signer_open_seed(&signer, gk_octets(seed, 64), NULL));
    CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, gk_octets(seed, 32), NULL));
    gk_signer_free(&signer);
}

static void empty_octets_are_signed(void)
{
    const struct gk_signature_scheme *row = gk_signature_find(49154);
    struct gk_writer spki = {0};
    struct gk_writer signature = {0};
    struct gk_signer signer;

    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, gk_octets_of(p256_sec1), -1, NULL, NULL));
    CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
    CU_ASSERT_TRUE(signer.sign(&signer, GK_NO_OCTETS, &signature, NULL));
    CU_ASSERT_TRUE(row->verify(row, gk_writer_octets(&spki), GK_NO_OCTETS,
                               gk_writer_octets(&signature), NULL));
    gk_signer_free(&signer);
    gk_writer_free(&spki);
    gk_writer_free(&signature);
}

static bool sign_nothing(const struct gk_signer *signer, struct gk_octets data,
                         struct gk_writer *to, struct gk_reason *why)
{
    (void)signer;
    (void)data;
    (void)to;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "sign", "it never signs");
}

static void signers_of_others_are_left_alone(void)
{
    struct gk_signer signer = {.type = 49153, .sign = sign_nothing};
    struct gk_writer to = {0};

    CU_ASSERT_FALSE(gk_signer_spki(&signer, &to, NULL));
    CU_ASSERT_EQUAL(to.size, 0);
    gk_signer_free(&signer);
    CU_ASSERT_PTR_NULL(signer.sign);
}

/* Threads that share one signer; each counts its good signatures. */
struct worker {
    const struct gk_signer *signer;
    struct gk_octets spki;
    int good;
};

static void *work(void *context)
{
    struct worker *worker = context;
    const struct gk_signature_scheme *row = gk_signature_find(worker->signer->type);

    for (int i = 0; i < 50; i++) {
        struct gk_writer signature = {0};
        uint8_t text[4] = {(uint8_t)i, 1, 2, 3};
        struct gk_octets data = gk_octets(text, sizeof text);

        if (worker->signer->sign(worker->signer, data, &signature, NULL) &&
            row->verify(row, worker->spki, data, gk_writer_octets(&signature), NULL))
            worker->good++;
        gk_writer_free(&signature);
    }
    return NULL;
}

static void threads_share_a_signer(void)
{
    const char *const keys[] = {p256_sec1, vector_text("verify/2/key"),
                                vector_text("verify/0/key")};

    for (size_t k = 0; k < 3; k++) {
        struct gk_signer signer;
        struct gk_writer spki = {0};
        struct worker workers[4];
        pthread_t threads[4];

        CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, gk_octets_of(keys[k]), -1, NULL, NULL));
        CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
        for (size_t i = 0; i < 4; i++) {
            workers[i] = (struct worker){&signer, gk_writer_octets(&spki), 0};
            CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
        }
        for (size_t i = 0; i < 4; i++) {
            CU_ASSERT_EQUAL(pthread_join(threads[i], NULL), 0);
            CU_ASSERT_EQUAL(workers[i].good, 50);
        }
        gk_signer_free(&signer);
        gk_writer_free(&spki);
    }
}

/* The SubjectPublicKeyInfo of an RSA key with so many bits in modulus and exponent. */
static struct gk_secret rsa_spki(size_t bits, size_t exponent_bits)
{
    struct gk_secret modulus = gk_secret_new((bits + 7) / 8);
    struct gk_secret exponent = gk_secret_new((exponent_bits + 7) / 8);
    gnutls_datum_t m = {modulus.data, (unsigned)modulus.size};
    gnutls_datum_t e = {exponent.data, (unsigned)exponent.size};
    gnutls_datum_t out = {NULL, 0};
    gnutls_pubkey_t key;
    struct gk_secret spki;

    modulus.data[0] = (uint8_t)(1 << (bits - 1) % 8);
    modulus.data[modulus.size - 1] |= 1;
    exponent.data[0] = (uint8_t)(1 << (exponent_bits - 1) % 8);
    exponent.data[exponent.size - 1] |= 1;
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_init(&key), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_import_rsa_raw(key, &m, &e), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &out), 0);
    spki = gk_secret_copy(gk_octets(out.data, out.size));
    gnutls_free(out.data);
    gnutls_pubkey_deinit(key);
    gk_secret_free(&modulus);
    gk_secret_free(&exponent);
    return spki;
}

static struct gk_secret dsa_spki(size_t p_bits, size_t q_bits)
{
    struct gk_secret big = gk_secret_new((p_bits + 7) / 8);
    struct gk_secret small = gk_secret_new((q_bits + 7) / 8);
    static unsigned char two[] = {2};
    gnutls_datum_t p = {big.data, (unsigned)big.size};
    gnutls_datum_t q = {small.data, (unsigned)small.size};
    gnutls_datum_t g = {two, 1};
    gnutls_datum_t out = {NULL, 0};
    gnutls_pubkey_t key;
    struct gk_secret spki;

    big.data[0] = (uint8_t)(1 << (p_bits - 1) % 8);
    big.data[big.size - 1] |= 1;
    small.data[0] = (uint8_t)(1 << (q_bits - 1) % 8);
    small.data[small.size - 1] |= 1;
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_init(&key), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_import_dsa_raw(key, &p, &q, &g, &g), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &out), 0);
    spki = gk_secret_copy(gk_octets(out.data, out.size));
    gnutls_free(out.data);
    gnutls_pubkey_deinit(key);
    gk_secret_free(&big);
    gk_secret_free(&small);
    return spki;
}

static const char *judged(uint16_t type, struct gk_secret spki)
{
    static const uint8_t dsa[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
    static const uint8_t rsa[256] = {1};
    const struct gk_signature_scheme *row = gk_signature_find(type);
    struct gk_octets signature =
        type == 0 ? gk_octets(dsa, sizeof dsa) : gk_octets(rsa, sizeof rsa);
    struct gk_reason why = {0};

    CU_ASSERT_FALSE(row->verify(row, gk_secret_octets(&spki), gk_octets_of("x"), signature, &why));
    gk_secret_free(&spki);
    return why.code;
}

/* Within the limits of profile 4.10 the signature is looked at, beyond them it is not. */
static void keys_are_measured_first(void)
{
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(2048, 17)), "signature");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(2048, 64)), "signature");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(8192, 17)), "signature");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(2047, 17)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(1024, 17)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(8193, 17)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(49156, rsa_spki(2048, 65)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(1024, 160)), "signature");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(3072, 256)), "signature");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(1023, 160)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(3073, 256)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(1024, 159)), "key-size");
    CU_ASSERT_STRING_EQUAL(judged(0, dsa_spki(3072, 257)), "key-size");
}

/* Of "text", by OpenSSL with the vectors' RSA key: PSS with salts of 20 and of 32 octets. */
static const char pss_salt_20[] =
    "833c74d2a15c312f67ba37a62261bdaa39c4ce6163bd5ce833357ad384f0af04249327853b41412d6feb589e"
    "d59dd08724a2a275b154460d7c182c873009207015621a9a9a7c15761fc6f3ca7ec1e75408411521223fae62"
    "5ac50462aa4c8d6a1c5843ea35010d68940ada5325c974af340b09ec2a6ae458b3361d7e78052b9d06e0105e"
    "2ac3ecc7139148cfd58aeeb74abbb92ea6b942dcada94f86922a640e838301bc54a3c9265392e49eec079372"
    "5e464564595bf37dae53c7ed6e0d4b360d5e61cfbc458afab5df1e6a1350c82507a3585f8df2397f200477cf"
    "a6958a455a2a898683a3c7033de7f4d0350906774c5d6011aa7a871c74c69831f1af9447";

static const char pss_salt_32[] =
    "06d376d2201bd19220368cdadd1ffcdae0257817db8daf2f32fdf49073a73952c77f8e3d6c74fa1849accd89"
    "4d447407a44d6b2296110bbda867eb785beff6b14a0e0883eeb478b8f0fd25d34d374a62c3383d716ae95302"
    "f020ecc119d77b11162ce5694f4e6a8d22220f4090e0ffd838a4b918a49c205f0361d5ba7c9203fc3a2bcfed"
    "1fb74d5118234d5db4903a6099174d9f78deb0438c23342bedb5dcfba1523133972082b14904d6758ce54116"
    "f0d62b0ef4f4cfcfdf0f627c0dcae7c2bbbf01e3f0db8851217df2e27b09bebaa163f0853b7a007e6d04454a"
    "4b4222dec727f3e031f606f2b638618137332248ede1a4f66a7c0bd11a3a971d3f813f02";

static struct gk_secret rsa_spki_of_vectors(void)
{
    struct gk_writer spki = {0};
    struct gk_signer signer;

    CU_ASSERT_TRUE_FATAL(
        gk_signer_open(&signer, gk_octets_of(vector_text("verify/2/key")), -1, NULL, NULL));
    CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
    gk_signer_free(&signer);
    return gk_writer_take(&spki);
}

static bool rsa_verifies(struct gk_octets signature)
{
    const struct gk_signature_scheme *row = gk_signature_find(49156);
    struct gk_secret spki = rsa_spki_of_vectors();
    bool good = row->verify(row, gk_secret_octets(&spki), gk_octets_of("text"), signature, NULL);

    gk_secret_free(&spki);
    return good;
}

/* Signs "text" with the vectors' RSA key in another way; `salt` 0 leaves PSS's parameters. */
static bool rsa_verifies_as(unsigned salt, gnutls_digest_algorithm_t hash,
                            gnutls_sign_algorithm_t how)
{
    struct gk_octets pem = gk_octets_of(vector_text("verify/2/key"));
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)pem.data, (unsigned)pem.size};
    gnutls_datum_t text = {(unsigned char *)(uintptr_t) "text", 4};
    gnutls_datum_t value = {NULL, 0};
    gnutls_x509_privkey_t key;
    gnutls_x509_spki_t parameters;
    gnutls_privkey_t abstract;
    bool good;

    CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_init(&key), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_import(key, &in, GNUTLS_X509_FMT_PEM), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_x509_spki_init(&parameters), 0);
    gnutls_x509_spki_set_rsa_pss_params(parameters, hash, salt);
    if (salt)
        CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_set_spki(key, parameters, 0), 0);
    gnutls_x509_spki_deinit(parameters);
    CU_ASSERT_EQUAL_FATAL(gnutls_privkey_init(&abstract), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_privkey_import_x509(abstract, key, 0), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_privkey_sign_data2(abstract, how, 0, &text, &value), 0);
    good = rsa_verifies(gk_octets(value.data, value.size));
    gnutls_free(value.data);
    gnutls_privkey_deinit(abstract);
    gnutls_x509_privkey_deinit(key);
    return good;
}

static void pss_has_sha_256_and_a_salt_of_32(void)
{
    CU_ASSERT_TRUE(rsa_verifies(test_unhex(pss_salt_32)));
    CU_ASSERT_FALSE(rsa_verifies(test_unhex(pss_salt_20)));
    CU_ASSERT_TRUE(rsa_verifies_as(32, GNUTLS_DIG_SHA256, GNUTLS_SIGN_RSA_PSS_SHA256));
    CU_ASSERT_FALSE(rsa_verifies_as(48, GNUTLS_DIG_SHA256, GNUTLS_SIGN_RSA_PSS_SHA256));
    CU_ASSERT_FALSE(rsa_verifies_as(48, GNUTLS_DIG_SHA384, GNUTLS_SIGN_RSA_PSS_SHA384));
    CU_ASSERT_FALSE(rsa_verifies_as(0, GNUTLS_DIG_SHA256, GNUTLS_SIGN_RSA_SHA256));
}

const struct test_suite suite_signer = {
    "signer",
    {
        {"the scheme follows from the key", the_scheme_follows_from_the_key},
        {"a scheme may be asked for", a_scheme_may_be_asked_for},
        {"types of one key are apart", types_of_one_key_are_apart},
        {"a key that does not fit is refused", a_key_that_does_not_fit_is_refused},
        {"unreadable keys are refused", unreadable_keys_are_refused},
        {"seeds have 32 octets", seeds_have_32_octets},
        {"empty octets are signed", empty_octets_are_signed},
        {"signers of others are left alone", signers_of_others_are_left_alone},
        {"threads share a signer", threads_share_a_signer},
        {"keys are measured first", keys_are_measured_first},
        {"PSS has SHA-256 and a salt of 32", pss_has_sha_256_and_a_salt_of_32},
        {NULL, NULL},
    }};
