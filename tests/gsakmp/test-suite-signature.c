/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/x509.h>

#include "gsakmp/signature-rs.h"
#include "gsakmp/suite-rows.h"
#include "tests/vectors.h"

/* RFC 8032 7.1, tests 1 to 3: seed, public key, message, signature. */
static void ed25519_of_rfc_8032(void)
{
    static const struct {
        const char *seed, *key, *text, *signature;
    } known[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
         "1cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
         "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
         "984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };

    for (size_t i = 0; i < 3; i++) {
        struct gk_octets text = test_unhex(known[i].text);
        struct gk_signer signer;
        struct gk_writer spki = {0};
        struct gk_writer signature = {0};

        CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, test_unhex(known[i].seed), NULL));
        CU_ASSERT_EQUAL(signer.type, 49153);
        CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
        CU_ASSERT_EQUAL(spki.size, 44);
        CU_ASSERT_HEX(gk_octets(spki.data + 12, 32), known[i].key);
        CU_ASSERT_TRUE(signer.sign(&signer, text, &signature, NULL));
        CU_ASSERT_HEX(gk_writer_octets(&signature), known[i].signature);
        CU_ASSERT_TRUE(gk_signature_verify(49153, gk_writer_octets(&spki), text,
                                           gk_writer_octets(&signature), NULL));
        gk_signer_free(&signer);
        gk_writer_free(&spki);
        gk_writer_free(&signature);
    }
}

/* What a good signature is made of. Free with drop. */
struct proof {
    const struct gk_signature_scheme *scheme;
    struct gk_secret spki, data, signature;
};

static void drop(struct proof *proof)
{
    gk_secret_free(&proof->spki);
    gk_secret_free(&proof->data);
    gk_secret_free(&proof->signature);
}

static struct gk_secret spki_of(struct gk_octets certificate)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)certificate.data, (unsigned)certificate.size};
    gnutls_datum_t out = {NULL, 0};
    gnutls_x509_crt_t read;
    gnutls_pubkey_t key;
    struct gk_secret spki;

    CU_ASSERT_EQUAL_FATAL(gnutls_x509_crt_init(&read), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_x509_crt_import(read, &in, GNUTLS_X509_FMT_DER), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_init(&key), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_import_x509(key, read, 0), 0);
    CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &out), 0);
    spki = gk_secret_copy(gk_octets(out.data, out.size));
    gnutls_free(out.data);
    gnutls_pubkey_deinit(key);
    gnutls_x509_crt_deinit(read);
    return spki;
}

/* The RTJ of a `verify` entry: the signed octets end where the signature's length stands, and
 * the first certificate payload follows it. */
static struct proof from_vectors(size_t index)
{
    char *path = gk_format("verify/%zu/octets", index);
    struct gk_reader reader = gk_reader(vector_octets(path));
    struct proof proof;

    free(path);
    path = gk_format("verify/%zu/type", index);
    proof.scheme = gk_signature_find(vector_integer(path));
    free(path);
    path = gk_format("verify/%zu/signed_octets", index);
    proof.data = gk_secret_copy(gk_read_octets(&reader, (size_t)vector_integer(path)));
    free(path);
    proof.signature = gk_secret_copy(gk_read_octets(&reader, gk_read_u16(&reader)));
    (void)gk_read_u16(&reader);
    {
        size_t size = gk_read_u16(&reader);

        CU_ASSERT_EQUAL(gk_read_u16(&reader), 4);
        proof.spki = spki_of(gk_read_octets(&reader, size - 6));
    }
    CU_ASSERT_TRUE_FATAL(gk_reader_ok(&reader));
    return proof;
}

static struct proof from_seed(void)
{
    struct gk_writer spki = {0};
    struct gk_writer signature = {0};
    struct gk_signer signer;
    struct proof proof;

    CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, vector_octets("entities/m1/seed"), NULL));
    CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
    CU_ASSERT_TRUE(signer.sign(&signer, gk_octets_of("a message"), &signature, NULL));
    proof.scheme = gk_signature_find(signer.type);
    proof.data = gk_secret_copy(gk_octets_of("a message"));
    proof.signature = gk_writer_take(&signature);
    proof.spki = gk_writer_take(&spki);
    gk_signer_free(&signer);
    return proof;
}

/* 0 to 2 the vectors' (DSA, ECDSA P-256, RSA-PSS), 3 Ed25519. */
static struct proof proof_of(size_t index)
{
    return index < 3 ? from_vectors(index) : from_seed();
}

#define PROOFS 4

/* The code of the refusal, NULL when it verified. */
static const char *refusal(const struct proof *proof, struct gk_octets spki,
                           struct gk_octets signature)
{
    struct gk_reason why = {0};

    if (proof->scheme->verify(proof->scheme, spki, gk_secret_octets(&proof->data), signature, &why))
        return NULL;
    CU_ASSERT_EQUAL(why.notification, GK_AUTHENTICATION_FAILED);
    CU_ASSERT_TRUE(why.text[0] != '\0');
    return why.code;
}

static bool verifies(const struct proof *proof)
{
    return !refusal(proof, gk_secret_octets(&proof->spki), gk_secret_octets(&proof->signature));
}

static void vectors_verify(void)
{
    CU_ASSERT_EQUAL(json_array_size(vector_at("verify")), 3);
    for (size_t i = 0; i < PROOFS; i++) {
        struct proof proof = proof_of(i);

        CU_ASSERT_TRUE(verifies(&proof));
        CU_ASSERT_TRUE(proof.signature.size <= proof.scheme->size_most);
        CU_ASSERT_TRUE(gk_signature_verify(proof.scheme->type, gk_secret_octets(&proof.spki),
                                           gk_secret_octets(&proof.data),
                                           gk_secret_octets(&proof.signature), NULL));
        drop(&proof);
    }
}

static void certificates_of_the_vectors_hold_the_seeds_keys(void)
{
    static const char *const names[] = {"root", "inter", "owner", "gcks", "m1"};

    for (size_t i = 0; i < 5; i++) {
        char *seed = gk_format("entities/%s/seed", names[i]);
        char *certificate = gk_format("entities/%s/certificate", names[i]);
        struct gk_secret expected = spki_of(vector_octets(certificate));
        struct gk_writer spki = {0};
        struct gk_signer signer;

        CU_ASSERT_TRUE_FATAL(gk_signer_open_seed(&signer, vector_octets(seed), NULL));
        CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&spki), gk_secret_octets(&expected)));
        gk_signer_free(&signer);
        gk_secret_free(&expected);
        gk_writer_free(&spki);
        free(seed);
        free(certificate);
    }
}

static void a_changed_bit_is_refused(void)
{
    for (size_t i = 0; i < PROOFS; i++) {
        struct proof proof = proof_of(i);
        struct gk_secret *parts[2] = {&proof.data, &proof.signature};

        for (size_t p = 0; p < 2; p++) {
            for (size_t at = 0; at<parts[p]->size; at += parts[p]->size> 128 ? 7 : 1) {
                parts[p]->data[at] ^= (uint8_t)(1 << at % 8);
                CU_ASSERT_FALSE(verifies(&proof));
                parts[p]->data[at] ^= (uint8_t)(1 << at % 8);
            }
        }
        CU_ASSERT_TRUE(verifies(&proof));
        drop(&proof);
    }
}

static void another_length_is_refused(void)
{
    for (size_t i = 0; i < PROOFS; i++) {
        struct proof proof = proof_of(i);
        struct gk_octets spki = gk_secret_octets(&proof.spki);
        struct gk_writer longer = {0};

        for (size_t size = 0; size < proof.signature.size; size++)
            CU_ASSERT_PTR_NOT_NULL(refusal(&proof, spki, gk_octets(proof.signature.data, size)));
        gk_write_octets(&longer, gk_secret_octets(&proof.signature));
        gk_write_u8(&longer, 0);
        CU_ASSERT_PTR_NOT_NULL(refusal(&proof, spki, gk_writer_octets(&longer)));
        (void)gk_write_reserve(&longer, 2000);
        CU_ASSERT_STRING_EQUAL(refusal(&proof, spki, gk_writer_octets(&longer)), "signature-size");
        gk_writer_free(&longer);
        drop(&proof);
    }
}

/* Every scheme with every other scheme's key. */
static void a_key_of_another_kind_is_refused(void)
{
    for (size_t i = 0; i < PROOFS; i++) {
        struct proof proof = proof_of(i);

        for (size_t k = 0; k < PROOFS; k++) {
            struct proof other = proof_of(k);
            const char *code =
                refusal(&proof, gk_secret_octets(&other.spki), gk_secret_octets(&proof.signature));

            CU_ASSERT_TRUE(k == i ? !code : code && !strcmp(code, "key-kind"));
            drop(&other);
        }
        drop(&proof);
    }
}

static void keys_that_do_not_parse_are_refused(void)
{
    static const uint8_t long_one[3000] = {0x30, 0x82, 0x0b, 0xb4};

    for (size_t i = 0; i < PROOFS; i++) {
        struct proof proof = proof_of(i);
        struct gk_octets signature = gk_secret_octets(&proof.signature);

        for (size_t size = 0; size < proof.spki.size; size++)
            CU_ASSERT_PTR_NOT_NULL(refusal(&proof, gk_octets(proof.spki.data, size), signature));
        CU_ASSERT_STRING_EQUAL(refusal(&proof, gk_octets(long_one, sizeof long_one), signature),
                               "key-size");
        drop(&proof);
    }
}

static void ecdsa_integers_must_be_1_to_n_less_1(void)
{
    struct proof proof = proof_of(1);
    struct gk_octets order =
        test_unhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    struct gk_octets spki = gk_secret_octets(&proof.spki);

    for (size_t half = 0; half < 2; half++) {
        struct gk_secret changed = gk_secret_copy(gk_secret_octets(&proof.signature));

        memset(changed.data + 32 * half, 0, 32);
        CU_ASSERT_STRING_EQUAL(refusal(&proof, spki, gk_secret_octets(&changed)), "signature-form");
        memcpy(changed.data + 32 * half, order.data, 32);
        CU_ASSERT_STRING_EQUAL(refusal(&proof, spki, gk_secret_octets(&changed)), "signature");
        memset(changed.data + 32 * half, 0xff, 32);
        CU_ASSERT_STRING_EQUAL(refusal(&proof, spki, gk_secret_octets(&changed)), "signature");
        gk_secret_free(&changed);
    }
    drop(&proof);
}

/* S + L gives the same point: RFC 8032 5.1.7 wants S below L. */
static void ed25519_s_is_reduced(void)
{
    struct proof proof = proof_of(3);
    struct gk_octets order =
        test_unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;

    for (size_t i = 0; i < 32; i++) {
        carry += proof.signature.data[32 + i] + order.data[i];
        proof.signature.data[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    CU_ASSERT_EQUAL(carry, 0);
    CU_ASSERT_FALSE(verifies(&proof));
    drop(&proof);
}

static void der_is_strict(void)
{
    static const char *const good[] = {"3006020101020102", "300802020080020200ff"};
    static const char *const bad[] = {
        "",                     /* nothing */
        "3106020101020102",     /* another tag */
        "3006030101020102",     /* another tag inside */
        "3007020101020102",     /* SEQUENCE too long */
        "3005020101020102",     /* too short */
        "300602010102010200",   /* an octet after it */
        "308106020101020102",   /* length not minimal */
        "30820006020101020102", /* the same */
        "30800201010201020000", /* indefinite */
        "3006020100020102",     /* r zero */
        "3006020101020100",     /* s zero */
        "3006020181020102",     /* r negative */
        "300702020001020102",   /* r not minimal */
        "30050200020102",       /* r empty */
        "3003020101",           /* s missing */
        "3009020101020102020103",
        "300702810101020102",
    };
    struct gk_octets r, s;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CU_ASSERT_TRUE(gk_rs_read(test_unhex(good[i]), &r, &s));
    CU_ASSERT_HEX(r, "80");
    CU_ASSERT_HEX(s, "ff");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CU_ASSERT_FALSE(gk_rs_read(test_unhex(bad[i]), &r, &s));
}

static void der_returns(void)
{
    struct gk_random random = test_random(11);

    for (size_t size = 1; size <= 64; size++) {
        struct gk_secret raw = gk_random_secret(&random, 2 * size);
        struct gk_octets r, s;
        struct gk_writer der = {0};
        struct gk_writer again = {0};

        raw.data[size - 1] |= 1;
        raw.data[2 * size - 1] |= 1;
        raw.data[0] = size % 3 ? raw.data[0] : 0;
        raw.data[size - 1] |= 1;
        CU_ASSERT_TRUE(
            gk_rs_write(gk_octets(raw.data, size), gk_octets(raw.data + size, size), &der));
        CU_ASSERT_TRUE(gk_rs_read(gk_writer_octets(&der), &r, &s));
        CU_ASSERT_TRUE(gk_octets_equal(r, gk_octets(raw.data + size - r.size, r.size)));
        CU_ASSERT_TRUE(gk_octets_equal(s, gk_octets(raw.data + 2 * size - s.size, s.size)));
        CU_ASSERT_TRUE(gk_rs_write(r, s, &again));
        CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&der), gk_writer_octets(&again)));
        gk_secret_free(&raw);
        gk_writer_free(&der);
        gk_writer_free(&again);
    }
}

/* A DSA signature in another encoding of the same integers. */
static void dsa_in_ber_is_refused(void)
{
    struct proof proof = proof_of(0);
    struct gk_octets r, s;
    struct gk_writer ber = {0};

    CU_ASSERT_TRUE_FATAL(gk_rs_read(gk_secret_octets(&proof.signature), &r, &s));
    gk_write_u8(&ber, 0x30);
    gk_write_u8(&ber, 0x81);
    gk_write_octets(&ber, gk_octets(proof.signature.data + 1, proof.signature.size - 1));
    CU_ASSERT_STRING_EQUAL(refusal(&proof, gk_secret_octets(&proof.spki), gk_writer_octets(&ber)),
                           "signature-form");
    gk_writer_free(&ber);
    drop(&proof);
}

static void types_that_are_not_run_are_refused(void)
{
    static const uint16_t types[] = {1, 3, 49152, 49157};
    struct proof proof = proof_of(3);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct gk_reason why = {0};

        CU_ASSERT_FALSE(gk_signature_verify(types[i], gk_secret_octets(&proof.spki),
                                            gk_secret_octets(&proof.data),
                                            gk_secret_octets(&proof.signature), &why));
        CU_ASSERT_EQUAL(why.notification, GK_AUTHENTICATION_FAILED);
        CU_ASSERT_STRING_EQUAL(why.code, "not-run");
        CU_ASSERT_EQUAL(gk_signature_find(types[i]) != NULL, i < 1);
    }
    CU_ASSERT_PTR_NULL(gk_signature_find(-1));
    CU_ASSERT_PTR_NULL(gk_signature_find(65536));
    CU_ASSERT_PTR_NULL(gk_signature_find(1)->verify);
    drop(&proof);
}

const struct test_suite suite_signature = {
    "signature",
    {
        {"Ed25519 of RFC 8032", ed25519_of_rfc_8032},
        {"vectors verify", vectors_verify},
        {"certificates of the vectors hold the seeds' keys",
         certificates_of_the_vectors_hold_the_seeds_keys},
        {"a changed bit is refused", a_changed_bit_is_refused},
        {"another length is refused", another_length_is_refused},
        {"a key of another kind is refused", a_key_of_another_kind_is_refused},
        {"keys that do not parse are refused", keys_that_do_not_parse_are_refused},
        {"ECDSA integers must be 1 to n - 1", ecdsa_integers_must_be_1_to_n_less_1},
        {"Ed25519: S is reduced", ed25519_s_is_reduced},
        {"DER is strict", der_is_strict},
        {"DER returns", der_returns},
        {"DSA in BER is refused", dsa_in_ber_is_refused},
        {"types that are not run are refused", types_that_are_not_run_are_refused},
        {NULL, NULL},
    }};
