/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that others published, in the form that our messages give them; those of our own
 * composition are the known answers of vectors.json, whose author shares no code with us.
 */
#include "tests/harness.h"

#include "gsakmp/suite.h"

/* --- wraps: IV | ciphertext | tag --------------------------------------------------------- */

static const struct wrapped {
    uint16_t type;
    const char *key, *iv, *aad, *plain, *sealed; /* without the IV */
} wrapped[] = {
    /* NIST SP 800-38A F.2.1, four blocks; the fifth is our padding 1, 2, 3 ... 15, 15, made once
     * with `openssl enc -aes-128-cbc -nopad`. */
    {12, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f", "",
     "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
     "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
     "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
     "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
     "bfec60370cdc4af14e6ab3523deed645"},
    /* McGrew and Viega, The Galois/Counter Mode of Operation, test cases 4 and 16. */
    {49153, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {49154, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
    /* RFC 8439 2.8.2. */
    {49155, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
     "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
     "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
     "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
     "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
};

static void wraps_of_others(void)
{
    for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++) {
        const struct wrapped *known = &wrapped[i];
        const struct gk_wrap *wrap = gk_wrap_find(known->type);
        struct gk_octets plain = test_unhex(known->plain);
        struct gk_writer sealed = {0};
        struct gk_secret opened;

        wrap->seal(wrap, test_unhex(known->key), test_unhex(known->iv), test_unhex(known->aad),
                   plain, &sealed);
        CU_ASSERT_HEX(gk_octets(sealed.data, wrap->iv_size), known->iv);
        CU_ASSERT_HEX(gk_octets(sealed.data + wrap->iv_size, sealed.size - wrap->iv_size),
                      known->sealed);
        CU_ASSERT_TRUE(gk_wrap_open(wrap, test_unhex(known->key), test_unhex(known->aad),
                                    gk_writer_octets(&sealed), &opened, NULL));
        CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&opened), plain));
        gk_secret_free(&opened);
        gk_writer_free(&sealed);
    }
}

/* --- signatures --------------------------------------------------------------------------- */

#define P256_SPKI                                                                                  \
    "3059301306072a8648ce3d020106082a8648ce3d03010703420004"                                       \
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"                             \
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define P384_SPKI                                                                                  \
    "3076301006072a8648ce3d020106052b81040022036200"                                               \
    "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"                           \
    "def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c62189"                             \
    "6708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"

static const struct is_signed {
    uint16_t type;
    const char *spki, *signature;
} is_signed[] = {
    /* RFC 6979 A.2.5 with SHA-256, A.2.6 with SHA-384: r | s over "sample". */
    {49154, P256_SPKI,
     "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
     "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {49155, P384_SPKI,
     "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
     "81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f"
     "130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"},
    /* No publication has ECDSA over SHA3-384 in DER: `openssl dgst -sha3-384 -sign` under a key
     * drawn for it. */
    {2,
     "3076301006072a8648ce3d020106052b81040022036200042cb2e34f9f65de893df1de47bc1f9ac0c8ac6411"
     "6aeef3b23df066eb56c9dcdfb83add81eedb32d2c8c6895066134a7ff2178a6da3fad8852d73b1f59ad2e1e9"
     "957291ccc648947a31a04790a7f1336124f36df1ea050c05540ffb20c85f4d32",
     "306502303aa488281169a20dd6345fa65389b32264451f7f9fc3610d0ef52a8d821876ffb8e2eac4f2b21b0d"
     "e95d24099c7ee003023100de4ea338a01a7f386616f3b78d457cc61d1cf85edb226a7ef07430a2e139dc87dd"
     "3bd1573389355d314ee8da3871d65c"},
};

/* The largest key that profile 4.10 lets in: p of 3072 and q of 256 bits, more than SHA-1 has
 * (`openssl genpkey`), and `openssl dgst -sha1 -sign` with it. */
static const char dsa_3072[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIIDZAIBADCCAzkGByqGSM44BAEwggMsAoIBgQD1s5LiXKX9rM2SumgKw0wcjTyi\n"
                               "GIZUSUuGQoK/AoLoiBcoByCfc0IeBJ++ZYc/0KFw4TBu+bCZ1qwOH5jTLwqkzpb8\n"
                               "hG9q8TMK8+iE056fEj2Y/VkBB3KuGx/kt4RItW0AYQg2nljT2985Fg9Hs9JIUWKA\n"
                               "4Wax+hkGfuOV/zbPuTiJdDIs/ROzZN/bKrmrp8iNrf3qXcouLJrQMY5hzvgo02vw\n"
                               "Q7A5dx4u5T0AZvcCVQUjrVn0FC3oJ0fpgpGAtblWto/E1jU/DWD2v1DiYEuF5hEc\n"
                               "wtO2YOhmfwuAlGZBTePF5zhgpH1TtGs4mQPAsBt+L/yyMCHdkT6FwJ2+M+C06jgI\n"
                               "aEKvUcFdrNqbwbyvtszhFmcbv49JyzjiPoa5kLUzUpIVgeZZNaJbMIAjWZAZezJ0\n"
                               "6/Itmab6iYNBpOnftCmOhqPmXDgeD2V+rk0pORv7g2TMMEHFrEM6m/7VSxrg8TMb\n"
                               "jFG9T+jhqzwIa0XqFcJf4OtbJDcNM9EfBHo9ll0CIQChkDdweGlxiJqfMRSas/0X\n"
                               "NYHwtu4yAuaXaCUMGE52wQKCAYB6AqcAI0SDhkVMYkjNhKlVe63kYIOS1Hn9qeRN\n"
                               "N7hbjuvWR/WN7SICx8fwhUcOZhMTSwmkkKXAj8XsKp10ikE3JUmqz3/OpVcBL5A/\n"
                               "y+ps8WuJt5TJ8bidJpxM7pH5UE3XN7xx1auzgvF9YWZL0omcXyC03P+/IfhZPMui\n"
                               "OjHEdFqtZl5WQYTQ784Z40tVstMcLMnt6IQ30ONNfjL0j3J+Cn/pY6ntLujBuJgE\n"
                               "tMAcT6UJhWFawTAFTAcWm3OURFb77NUJuSQ2JueNPoczNw6ktMvoRd604TxwSGTN\n"
                               "2Th8D3NliyFvH6LT1uPnEv6BJCnjDpnaIYUBq64HVzW1vRom+DbNNPae0Jf3EN3Z\n"
                               "Z+d3BL98NXI8WENbKWrbJOoyJs1e0ZPOoQ0gY588XQVENTb/aChVFFVwTjyUjIo2\n"
                               "zQgWUmc4o87Mxd8yMHMqRiIckzUlOdUdhClEpB+nTCCHQX1XRKW0gdTeQ0Wuc+rJ\n"
                               "uztzZczYFjK3t1vLOMH4sBo65ZwEIgIgCIbuvmnrnW3o8KYwX9kBS90v4ZzwAm/S\n"
                               "geppQJSPXn8=\n"
                               "-----END PRIVATE KEY-----\n";
static const char dsa_3072_signature[] =
    "3045022100884235ddf828895afe2f9c1577c8b6f3ac2f92a434dac4b8f0b3f162598a9c2f022065781208cf"
    "9d4158be0f7afda79927abe50d413f3655bd5f573923209c0e7823";

static void the_largest_dsa_key(void)
{
    struct gk_octets text = gk_octets_of("sample");
    struct gk_signer signer;
    struct gk_writer spki = {0};
    struct gk_writer signature = {0};

    CU_ASSERT_TRUE_FATAL(gk_signer_open(&signer, gk_octets_of(dsa_3072), 0, NULL, NULL));
    CU_ASSERT_TRUE(gk_signer_spki(&signer, &spki, NULL));
    CU_ASSERT_TRUE(gk_signature_verify(0, gk_writer_octets(&spki), text,
                                       test_unhex(dsa_3072_signature), NULL));
    CU_ASSERT_TRUE(signer.sign(&signer, text, &signature, NULL));
    CU_ASSERT_TRUE(signature.size <= gk_signature_find(0)->size_most);
    CU_ASSERT_TRUE(
        gk_signature_verify(0, gk_writer_octets(&spki), text, gk_writer_octets(&signature), NULL));
    CU_ASSERT_FALSE(gk_signature_verify(0, gk_writer_octets(&spki), gk_octets_of("simple"),
                                        gk_writer_octets(&signature), NULL));
    gk_signer_free(&signer);
    gk_writer_free(&spki);
    gk_writer_free(&signature);
}

static void signatures_of_others(void)
{
    for (size_t i = 0; i < sizeof is_signed / sizeof *is_signed; i++) {
        struct gk_octets spki = test_unhex(is_signed[i].spki);
        struct gk_octets signature = test_unhex(is_signed[i].signature);

        CU_ASSERT_TRUE(
            gk_signature_verify(is_signed[i].type, spki, gk_octets_of("sample"), signature, NULL));
        CU_ASSERT_FALSE(
            gk_signature_verify(is_signed[i].type, spki, gk_octets_of("simple"), signature, NULL));
    }
}

/* One curve, three forms: none stands for another. */
static void forms_do_not_mix(void)
{
    for (size_t i = 1; i < 3; i++) {
        struct gk_octets spki = test_unhex(is_signed[i].spki);
        struct gk_octets signature = test_unhex(is_signed[i].signature);

        CU_ASSERT_FALSE(
            gk_signature_verify(i == 1 ? 2 : 49155, spki, gk_octets_of("sample"), signature, NULL));
        CU_ASSERT_FALSE(gk_signature_verify(49154, spki, gk_octets_of("sample"), signature, NULL));
    }
}

const struct test_suite suite_answers = {"answers",
                                         {
                                             {"wraps of others", wraps_of_others},
                                             {"signatures of others", signatures_of_others},
                                             {"the largest DSA key", the_largest_dsa_key},
                                             {"forms do not mix", forms_do_not_mix},
                                             {NULL, NULL},
                                         }};
