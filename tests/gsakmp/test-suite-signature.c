/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#include "gsakmp/suite.h"
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

const struct test_suite suite_signature = {"signature",
                                           {
                                               {"Ed25519 of RFC 8032", ed25519_of_rfc_8032},
                                               {NULL, NULL},
                                           }};
