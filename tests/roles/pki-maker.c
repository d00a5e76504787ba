/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/pki-maker.h"

#include <gmp.h>
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <nettle/eddsa.h>
#include <nettle/sha1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/vectors.h"

/* Kept reachable until the end of the program. */
struct made {
    struct test_party party;
    struct made *next;
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
};

struct kept {
    struct kept *next;
    struct gk_secret octets;
};

static struct made *all_made;
static struct kept *all_kept;
static unsigned last_serial = 5000;

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "pki-maker: %s: %s\n", what, gnutls_strerror(result));
    exit(2);
}
#define MUST(call) must(call, #call)

static struct gk_octets keep(struct gk_octets octets)
{
    struct kept *entry = gk_alloc(1, sizeof *entry);

    entry->next = all_kept;
    entry->octets = gk_secret_copy(octets);
    all_kept = entry;
    return gk_secret_octets(&entry->octets);
}

static struct gk_octets keep_datum(gnutls_datum_t datum)
{
    struct gk_octets octets = keep(gk_octets(datum.data, datum.size));

    gnutls_free(datum.data);
    return octets;
}

static void import_seed(gnutls_x509_privkey_t key, const uint8_t seed[32])
{
    uint8_t copy[32];
    uint8_t public_key[32];
    gnutls_datum_t k = {copy, sizeof copy};
    gnutls_datum_t x = {public_key, sizeof public_key};

    memcpy(copy, seed, sizeof copy);
    ed25519_sha512_public_key(public_key, seed);
    MUST(gnutls_x509_privkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_ED25519, &x, NULL, &k));
}

const char *test_vector_key(long long signature)
{
    for (size_t i = 0; i < json_array_size(vector_at("verify")); i++) {
        char *path = gk_format("verify/%zu/type", i);
        long long found = vector_integer(path);
        const char *text;

        free(path);
        if (found != signature)
            continue;
        path = gk_format("verify/%zu/key", i);
        text = vector_text(path);
        free(path);
        return text;
    }
    return NULL;
}

static void import_pem(gnutls_x509_privkey_t key, const char *pem)
{
    char *copy = gk_strdup(pem);
    gnutls_datum_t datum = {(unsigned char *)copy, (unsigned)strlen(copy)};

    MUST(gnutls_x509_privkey_import2(key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0));
    free(copy);
}

static void to_mpz(mpz_t to, gnutls_datum_t from)
{
    mpz_import(to, from.size, 1, 1, 1, 0, from.data);
    gnutls_free(from.data);
}

static gnutls_datum_t from_mpz(const mpz_t from, uint8_t room[400])
{
    size_t size = 0;

    room[0] = 0; /* positive also where the top bit is set */
    mpz_export(room + 1, &size, 1, 1, 1, 0, from);
    return (gnutls_datum_t){room, (unsigned)size + 1};
}

/* Another key of the same group: drawing p takes longer than all else that a test does. */
static void draw_dsa(gnutls_x509_privkey_t key)
{
    gnutls_x509_privkey_t known;
    gnutls_datum_t raw[5];
    uint8_t room[5][400];
    uint8_t draw[64];
    mpz_t number[5]; /* p, q, g, y, x */

    MUST(gnutls_x509_privkey_init(&known));
    import_pem(known, test_vector_key(0));
    MUST(gnutls_x509_privkey_export_dsa_raw(known, &raw[0], &raw[1], &raw[2], &raw[3], &raw[4]));
    gnutls_x509_privkey_deinit(known);
    for (size_t i = 0; i < 5; i++) {
        mpz_init(number[i]);
        to_mpz(number[i], raw[i]);
    }
    gk_random_fill(&gk_random_system, draw, sizeof draw);
    mpz_import(number[4], sizeof draw, 1, 1, 1, 0, draw);
    mpz_mod(number[4], number[4], number[1]);
    mpz_powm(number[3], number[2], number[4], number[0]);
    for (size_t i = 0; i < 5; i++)
        raw[i] = from_mpz(number[i], room[i]);
    MUST(gnutls_x509_privkey_import_dsa_raw(key, &raw[0], &raw[1], &raw[2], &raw[3], &raw[4]));
    for (size_t i = 0; i < 5; i++)
        mpz_clear(number[i]);
}

#define RSA_POOL 6

static void take_rsa(gnutls_x509_privkey_t key)
{
    static struct gk_octets pool[RSA_POOL];
    static size_t taken;
    struct gk_octets *pem = &pool[taken++ % RSA_POOL];
    gnutls_datum_t datum;

    if (!pem->size) {
        MUST(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0));
        MUST(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &datum));
        *pem = keep_datum(datum);
        return;
    }
    datum = (gnutls_datum_t){(unsigned char *)(uintptr_t)pem->data, (unsigned)pem->size};
    MUST(gnutls_x509_privkey_import(key, &datum, GNUTLS_X509_FMT_PEM));
}

static void draw_ec(gnutls_x509_privkey_t key, gnutls_ecc_curve_t curve)
{
    MUST(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS((int)curve), 0));
}

static void make_ed25519(gnutls_x509_privkey_t key, unsigned of)
{
    struct gk_random random = test_random(of);
    uint8_t seed[32];

    if (!of) {
        MUST(gnutls_x509_privkey_generate(key, GNUTLS_PK_EDDSA_ED25519, 256, 0));
        return;
    }
    gk_random_fill(&random, seed, sizeof seed);
    import_seed(key, seed);
}

static void make_key(struct made *made, const struct test_want *want)
{
    MUST(gnutls_x509_privkey_init(&made->key));
    if (want->pem) {
        import_pem(made->key, want->pem);
        return;
    }
    switch (want->key) {
    case TEST_ED25519:
        make_ed25519(made->key, want->seed);
        break;
    case TEST_P256:
        draw_ec(made->key, GNUTLS_ECC_CURVE_SECP256R1);
        break;
    case TEST_P384:
        draw_ec(made->key, GNUTLS_ECC_CURVE_SECP384R1);
        break;
    case TEST_DSA:
        draw_dsa(made->key);
        break;
    case TEST_RSA:
        take_rsa(made->key);
        break;
    }
}

/* RFC 5280 4.2.1.2 (1): of the subjectPublicKey. Where that begins is told by the kinds whose
 * length is known; of the others (RSA, DSA) GnuTLS's own identifier does. */
static void compute_key_id(struct made *made)
{
    gnutls_pubkey_t key;
    gnutls_datum_t der;
    struct sha1_ctx hash;
    size_t size = sizeof made->party.key_id;
    unsigned header;

    MUST(gnutls_pubkey_init(&key));
    MUST(gnutls_pubkey_import_x509(key, made->certificate, 0));
    MUST(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der));
    header = der.size == 44 ? 12 : der.size == 91 ? 26 : der.size == 120 ? 23 : 0;
    sha1_init(&hash);
    sha1_update(&hash, der.size - header, der.data + header);
    sha1_digest(&hash, sizeof made->party.key_id, made->party.key_id);
    if (!header)
        MUST(gnutls_x509_crt_get_key_id(made->certificate, 0, made->party.key_id, &size));
    gnutls_free(der.data);
    gnutls_pubkey_deinit(key);
}

static void set_usage(gnutls_x509_crt_t certificate, const struct test_want *want)
{
    unsigned usage = want->usage;

    if (want->no_usage)
        return;
    if (!usage)
        usage = want->ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                         : GNUTLS_KEY_DIGITAL_SIGNATURE;
    MUST(gnutls_x509_crt_set_key_usage(certificate, usage));
}

static void set_names(gnutls_x509_crt_t certificate, const struct test_want *want)
{
    if (want->dns)
        MUST(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, want->dns,
                                                  (unsigned)strlen(want->dns), GNUTLS_FSAN_APPEND));
    if (want->mail)
        MUST(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_RFC822NAME, want->mail,
                                                  (unsigned)strlen(want->mail),
                                                  GNUTLS_FSAN_APPEND));
    if (want->address.size)
        MUST(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS,
                                                  want->address.data, (unsigned)want->address.size,
                                                  GNUTLS_FSAN_APPEND));
}

static void set_extensions(struct made *made, const struct test_want *want)
{
    gnutls_x509_crt_t certificate = made->certificate;
    struct gk_octets id = want->subject_key_id;

    MUST(gnutls_x509_crt_set_basic_constraints(
        certificate, want->ca, want->has_path_length ? (int)want->path_length : -1));
    set_usage(certificate, want);
    set_names(certificate, want);
    compute_key_id(made);
    if (!id.size)
        id = gk_octets(made->party.key_id, sizeof made->party.key_id);
    MUST(gnutls_x509_crt_set_subject_key_id(certificate, id.data, id.size));
    for (size_t i = 0; i < 2 && want->extension[i].oid; i++) {
        struct gk_octets value = test_unhex(want->extension[i].hex);

        MUST(gnutls_x509_crt_set_extension_by_oid(certificate, want->extension[i].oid, value.data,
                                                  value.size, want->extension[i].critical));
    }
}

static void sign(struct made *made, const struct made *issuer, const struct test_want *want)
{
    gnutls_privkey_t key;
    gnutls_digest_algorithm_t digest = want->sha1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;

    if (gnutls_x509_privkey_get_pk_algorithm(issuer->key) == GNUTLS_PK_EDDSA_ED25519)
        digest = GNUTLS_DIG_SHA512;
    MUST(gnutls_privkey_init(&key));
    MUST(gnutls_privkey_import_x509(key, issuer->key, GNUTLS_PRIVKEY_IMPORT_COPY));
    MUST(gnutls_x509_crt_privkey_sign(made->certificate, issuer->certificate, key, digest,
                                      want->pss ? GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS : 0));
    gnutls_privkey_deinit(key);
}

static void publish(struct made *made)
{
    gnutls_datum_t datum;

    MUST(gnutls_x509_crt_export2(made->certificate, GNUTLS_X509_FMT_DER, &datum));
    made->party.certificate = keep_datum(datum);
    MUST(gnutls_x509_privkey_export2_pkcs8(made->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                           &datum));
    made->party.key = keep_datum(datum);
    made->party.handle = made;
    made->next = all_made;
    all_made = made;
}

const struct test_party *test_ca_issue(const struct test_party *issuer,
                                       const struct test_want *want)
{
    struct made *made = gk_alloc(1, sizeof *made);
    uint8_t serial[2];

    made->party.name = want->subject;
    made->party.serial = ++last_serial;
    serial[0] = (uint8_t)(last_serial >> 8);
    serial[1] = (uint8_t)last_serial;
    make_key(made, want);
    MUST(gnutls_x509_crt_init(&made->certificate));
    MUST(gnutls_x509_crt_set_version(made->certificate, 3));
    MUST(gnutls_x509_crt_set_serial(made->certificate, serial, sizeof serial));
    MUST(gnutls_x509_crt_set_activation_time(made->certificate,
                                             want->from ? want->from : TEST_FROM));
    MUST(gnutls_x509_crt_set_expiration_time(made->certificate,
                                             want->until ? want->until : TEST_UNTIL));
    MUST(gnutls_x509_crt_set_dn(made->certificate, want->subject, NULL));
    MUST(gnutls_x509_crt_set_key(made->certificate, made->key));
    set_extensions(made, want);
    sign(made, issuer ? issuer->handle : made, want);
    publish(made);
    return &made->party;
}

const struct test_party *test_ca_new(const char *subject)
{
    return test_ca_issue(NULL, &(struct test_want){.subject = subject, .ca = true});
}

const struct test_party *test_party_of_vector(const char *entity)
{
    struct made *made = gk_alloc(1, sizeof *made);
    char path[64];
    struct gk_octets octets;
    gnutls_datum_t der;
    uint8_t copy[2048];

    (void)snprintf(path, sizeof path, "entities/%s/seed", entity);
    octets = vector_octets(path);
    MUST(gnutls_x509_privkey_init(&made->key));
    import_seed(made->key, octets.data);
    (void)snprintf(path, sizeof path, "entities/%s/certificate", entity);
    octets = vector_octets(path);
    memcpy(copy, octets.data, octets.size < sizeof copy ? octets.size : sizeof copy);
    der = (gnutls_datum_t){copy, (unsigned)octets.size};
    MUST(gnutls_x509_crt_init(&made->certificate));
    MUST(gnutls_x509_crt_import(made->certificate, &der, GNUTLS_X509_FMT_DER));
    (void)snprintf(path, sizeof path, "entities/%s/name", entity);
    made->party.name = vector_text(path);
    compute_key_id(made);
    publish(made);
    return &made->party;
}

/* --- CRLs, written octet by octet: GnuTLS cannot add extensions of our choice ------------- */

static void wrap(struct gk_writer *to, uint8_t tag, struct gk_writer *content)
{
    gk_write_u8(to, tag);
    if (content->size >= 0x100) {
        gk_write_u8(to, 0x82);
        gk_write_u16(to, (uint16_t)content->size);
    } else {
        if (content->size >= 0x80)
            gk_write_u8(to, 0x81);
        gk_write_u8(to, (uint8_t)content->size);
    }
    gk_write_octets(to, gk_writer_octets(content));
    gk_writer_free(content);
}

static void write_hex(struct gk_writer *to, const char *hex)
{
    gk_write_octets(to, test_unhex(hex));
}

static void write_time(struct gk_writer *to, gk_time time)
{
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(time, stamp);
    gk_write(to, "\x17\x0d", 2);
    gk_write(to, stamp + 2, 13);
}

/* Extension with an empty SEQUENCE as its value. */
static void write_critical(struct gk_writer *to, const char *oid)
{
    struct gk_writer extension = {0};
    struct gk_writer content = {0};

    write_hex(&content, oid);
    wrap(&extension, 0x06, &content);
    write_hex(&extension, "0101ff04023000");
    wrap(to, 0x30, &extension);
}

static void write_number(struct gk_writer *to, unsigned number)
{
    write_hex(to, "300b0603551d1404040202");
    gk_write_u16(to, (uint16_t)number);
}

static void write_entries(struct gk_writer *to, const struct test_crl_want *want)
{
    struct gk_writer list = {0};

    for (size_t i = 0; i < 4 && want->serial[i]; i++) {
        struct gk_writer entry = {0};
        struct gk_writer extensions = {0};

        write_hex(&entry, "0202");
        gk_write_u16(&entry, (uint16_t)want->serial[i]);
        write_time(&entry, TEST_NOW - 86400);
        if (i == 0 && want->entry_critical) {
            write_critical(&extensions, want->entry_critical);
            wrap(&entry, 0x30, &extensions);
        }
        wrap(&list, 0x30, &entry);
    }
    if (list.size)
        wrap(to, 0x30, &list);
}

static void write_crl_extensions(struct gk_writer *to, const struct test_crl_want *want)
{
    struct gk_writer extensions = {0};
    struct gk_writer list = {0};

    if (want->number)
        write_number(&extensions, want->number);
    if (want->critical)
        write_critical(&extensions, want->critical);
    if (!extensions.size)
        return;
    wrap(&list, 0x30, &extensions);
    wrap(to, 0xa0, &list);
}

static void write_tbs(struct gk_writer *to, const struct made *issuer,
                      const struct test_crl_want *want)
{
    struct gk_writer tbs = {0};
    gnutls_datum_t name;

    write_hex(&tbs, "020101300506032b6570");
    MUST(gnutls_x509_crt_get_raw_dn(issuer->certificate, &name));
    gk_write(&tbs, name.data, name.size);
    gnutls_free(name.data);
    write_time(&tbs, want->this_update ? want->this_update : TEST_NOW - 86400);
    if (want->next_update)
        write_time(&tbs, want->next_update);
    write_entries(&tbs, want);
    write_crl_extensions(&tbs, want);
    wrap(to, 0x30, &tbs);
}

struct gk_octets test_crl(const struct test_party *issuer, const struct test_crl_want *want)
{
    const struct made *made = issuer->handle;
    struct gk_writer crl = {0};
    struct gk_writer whole = {0};
    struct gk_octets octets;
    gnutls_privkey_t key;
    gnutls_datum_t tbs;
    gnutls_datum_t signature;

    write_tbs(&crl, made, want);
    tbs = (gnutls_datum_t){crl.data, (unsigned)crl.size};
    MUST(gnutls_privkey_init(&key));
    MUST(gnutls_privkey_import_x509(key, made->key, GNUTLS_PRIVKEY_IMPORT_COPY));
    MUST(gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA512, 0, &tbs, &signature));
    gnutls_privkey_deinit(key);
    if (want->bad_signature)
        signature.data[0] ^= 1;
    write_hex(&crl, "300506032b6570034100");
    gk_write(&crl, signature.data, signature.size);
    gnutls_free(signature.data);
    wrap(&whole, 0x30, &crl);
    octets = keep(gk_writer_octets(&whole));
    gk_writer_free(&whole);
    return octets;
}
