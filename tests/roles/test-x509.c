/* SPDX-License-Identifier: Apache-2.0 */
/* What may sign certificates, and how large keys may be (profile 4.10, 11.14). */
#include "tests/harness.h"

#include <stdio.h>

#include "roles/x509.h"

static void algorithms(void)
{
    static const struct {
        const char *hex;
        bool want, with_sha1;
    } rows[] = {
        {"300506032b6570", true, true},
        {"300d06092a864886f70d01010b0500", true, true},
        {"300d06092a864886f70d0101050500", false, true},  /* RSA with SHA-1 */
        {"300d06092a864886f70d0101040500", false, false}, /* RSA with MD5 */
        {"300906072a8648ce380403", false, true},          /* DSA with SHA-1 */
        {"300a06082a8648ce3d040302", true, true},
        {"300906072a8648ce3d0401", false, true}, /* ECDSA with SHA-1 */
        {"300506032b6579", false, false},        /* no algorithm of ours */
        /* RSASSA-PSS: SHA-256 throughout, salt 32; salt 20; MGF1 with SHA-1; no parameters. */
        {"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d"
         "010108300d06096086480165030402010500a203020120",
         true, true},
        {"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d"
         "010108300d06096086480165030402010500a203020114",
         false, false},
        {"303d06092a864886f70d01010a3030a00f300d06096086480165030402010500a118301606092a864886f70d"
         "010108300906052b0e03021a0500a203020120",
         false, false},
        {"300b06092a864886f70d01010a", false, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct gk_octets identifier = test_unhex(rows[i].hex);

        if (x509_algorithm_allowed(identifier, false, NULL) != rows[i].want)
            printf("\n    %s\n", rows[i].hex);
        CU_ASSERT_EQUAL(x509_algorithm_allowed(identifier, false, NULL), rows[i].want);
        CU_ASSERT_EQUAL(x509_algorithm_allowed(identifier, true, NULL), rows[i].with_sha1);
    }
}

/* A SubjectPublicKeyInfo of RSA with that many bits. */
static bool rsa_measures(size_t bits, size_t exponent_bits)
{
    struct gk_writer parts[4] = {{0}, {0}, {0}, {0}};
    size_t modulus = bits / 8;
    size_t exponent = exponent_bits / 8;
    bool good;

    gk_write(&parts[0], "\x02\x82", 2);
    gk_write_u16(&parts[0], (uint16_t)(modulus + 1));
    gk_write_u8(&parts[0], 0);
    for (size_t i = 0; i < modulus; i++)
        gk_write_u8(&parts[0], 0xff);
    gk_write_u8(&parts[0], 2);
    gk_write_u8(&parts[0], (uint8_t)(exponent + 1));
    gk_write_u8(&parts[0], 0);
    for (size_t i = 0; i < exponent; i++)
        gk_write_u8(&parts[0], 0xff);
    gk_write(&parts[1], "\x30\x82", 2);
    gk_write_u16(&parts[1], (uint16_t)parts[0].size);
    gk_write_octets(&parts[1], gk_writer_octets(&parts[0]));
    gk_write_octets(&parts[2], test_unhex("300d06092a864886f70d01010105000382"));
    gk_write_u16(&parts[2], (uint16_t)(parts[1].size + 1));
    gk_write_u8(&parts[2], 0);
    gk_write_octets(&parts[2], gk_writer_octets(&parts[1]));
    gk_write(&parts[3], "\x30\x82", 2);
    gk_write_u16(&parts[3], (uint16_t)parts[2].size);
    gk_write_octets(&parts[3], gk_writer_octets(&parts[2]));
    good = x509_measure_key(gk_writer_octets(&parts[3]), NULL);
    for (int i = 0; i < 4; i++)
        gk_writer_free(&parts[i]);
    return good;
}

/* INTEGER of that many bits, all ones. */
static void put_integer(struct gk_writer *to, size_t bits)
{
    size_t size = bits / 8 + 1;

    gk_write(to, "\x02\x82", 2);
    gk_write_u16(to, (uint16_t)size);
    gk_write_u8(to, (uint8_t)((1u << bits % 8) - 1));
    for (size_t i = 1; i < size; i++)
        gk_write_u8(to, 0xff);
}

/* The same, in the one form that lengths below 256 have. */
static void put_small_integer(struct gk_writer *to, size_t bits)
{
    size_t size = bits / 8 + 1;

    gk_write_u8(to, 2);
    gk_write_u8(to, (uint8_t)size);
    gk_write_u8(to, (uint8_t)((1u << bits % 8) - 1));
    for (size_t i = 1; i < size; i++)
        gk_write_u8(to, 0xff);
}

static void put_sequence(struct gk_writer *writer, uint8_t tag)
{
    struct gk_writer outer = {0};

    gk_write_u8(&outer, tag);
    gk_write_u8(&outer, 0x82);
    gk_write_u16(&outer, (uint16_t)writer->size);
    gk_write_octets(&outer, gk_writer_octets(writer));
    gk_writer_free(writer);
    *writer = outer;
}

static bool dsa_measures(size_t p, size_t q, size_t y)
{
    struct gk_writer algorithm = {0};
    struct gk_writer parameters = {0};
    struct gk_writer key = {0};
    bool good;

    put_integer(&parameters, p);
    put_small_integer(&parameters, q);
    put_integer(&parameters, p - 1);
    put_sequence(&parameters, 0x30);
    gk_write_octets(&algorithm, test_unhex("06072a8648ce380401"));
    gk_write_octets(&algorithm, gk_writer_octets(&parameters));
    put_sequence(&algorithm, 0x30);
    gk_write_u8(&key, 0);
    put_integer(&key, y);
    put_sequence(&key, 0x03);
    gk_write_octets(&algorithm, gk_writer_octets(&key));
    put_sequence(&algorithm, 0x30);
    good = x509_measure_key(gk_writer_octets(&algorithm), NULL);
    gk_writer_free(&algorithm);
    gk_writer_free(&parameters);
    gk_writer_free(&key);
    return good;
}

static void measures_of_dsa_keys(void)
{
    CU_ASSERT_TRUE(dsa_measures(3072, 256, 3071));
    CU_ASSERT_TRUE(dsa_measures(2048, 160, 2048));
    CU_ASSERT_FALSE(dsa_measures(3073, 256, 3071));
    CU_ASSERT_FALSE(dsa_measures(2047, 159, 2040));
    CU_ASSERT_FALSE(dsa_measures(2048, 257, 2040));
    CU_ASSERT_FALSE(dsa_measures(2048, 256, 2049));
}

static void measures_of_keys(void)
{
    static const struct {
        const char *what, *hex;
        bool want;
    } keys[] = {
        {"Ed25519",
         "302a300506032b6570032100000102030405060708090a0b0c0d0e0f10111213141516171819"
         "1a1b1c1d1e1f",
         true},
        {"one octet short",
         "3029300506032b6570032000000102030405060708090a0b0c0d0e0f10111213141516171819"
         "1a1b1c1d1e",
         false},
        {"Ed448",
         "3043300506032b6571033a00000102030405060708090a0b0c0d0e0f10111213141516171819"
         "1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738",
         true},
        {"Ed448, one octet long",
         "3044300506032b6571033b00000102030405060708090a0b0c0d0e0f10111213141516171819"
         "1a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536373839",
         false},
        {"X25519",
         "302a300506032b656e032100000102030405060708090a0b0c0d0e0f10111213141516171819"
         "1a1b1c1d1e1f",
         false},
        {"P-256",
         "3059301306072a8648ce3d020106082a8648ce3d030107034200040000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000000000000000000000",
         true},
        {"P-256, compressed",
         "3039301306072a8648ce3d020106082a8648ce3d030107032200020000000000000000000000"
         "000000000000000000000000000000000000000000",
         false},
        {"P-384",
         "3076301006072a8648ce3d020106052b81040022036200040000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000",
         true},
        {"P-384 with a point of P-256",
         "3056301006072a8648ce3d020106052b81040022034200040000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000000000000000",
         false},
        {"secp256k1",
         "3056301006072a8648ce3d020106052b8104000a034200040000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000000000000000",
         false},
        {"P-521",
         "30819b301006072a8648ce3d020106052b810400230381860004000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "000000000000",
         false},
        {"explicit parameters",
         "3054300e06072a8648ce3d020130030201010342000400000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "00000000000000000000",
         false},
        {"no parameters",
         "304f300906072a8648ce3d020103420004000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000000000000000000000000000"
         "0000000000",
         false},
        {"RSA, no key", "3013300d06092a864886f70d010101050003020000", false},
    };

    CU_ASSERT_TRUE(rsa_measures(2048, 64));
    CU_ASSERT_TRUE(rsa_measures(8192, 8));
    CU_ASSERT_FALSE(rsa_measures(2040, 24));
    CU_ASSERT_FALSE(rsa_measures(8200, 24));
    CU_ASSERT_FALSE(rsa_measures(2048, 72));
    CU_ASSERT_FALSE(rsa_measures(2048, 0));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        bool good = x509_measure_key(test_unhex(keys[i].hex), NULL);

        if (good != keys[i].want)
            printf("\n    %s\n", keys[i].what);
        CU_ASSERT_EQUAL(good, keys[i].want);
    }
}

const struct test_suite suite_x509 = {"x509",
                                      {{"algorithms", algorithms},
                                       {"measures of keys", measures_of_keys},
                                       {"measures of DSA keys", measures_of_dsa_keys},
                                       {NULL, NULL}}};
