/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_PKI_MAKER_H
#define TESTS_ROLES_PKI_MAKER_H
/*
 * Certificates and CRLs as tests want them, good and bad. A party is a certificate and its
 * private key; what is made here lives for the rest of the program.
 *
 *     const struct test_party *root = test_ca_new("CN=Root,O=Acme");
 *     const struct test_party *m1 = test_ca_issue(root, &(struct test_want){
 *         .subject = "CN=M1,OU=Members,O=Acme", .seed = 7});
 */
#include "gsakmp/signer.h"
#include "gsakmp/stamp.h"

/* Certificates are valid from 2025 to 2045 unless `from` and `until` say otherwise. */
#define TEST_NOW   ((gk_time)1767225600) /* 20260101000000Z, the vectors' clock */
#define TEST_FROM  ((gk_time)1735689600)
#define TEST_UNTIL ((gk_time)2366841600)

struct test_party {
    struct gk_octets certificate; /* DER */
    struct gk_octets key;         /* PEM: gk_signer_open */
    const char *name;             /* as wanted */
    uint8_t key_id[20];           /* RFC 5280 method (1) */
    unsigned serial;
    void *handle;
};

/* DSA keys have the known answers' p of 1024 bits; RSA keys of 2048 bits are made for a few parties
 * and then come again. */
enum test_key { TEST_ED25519, TEST_P256, TEST_P384, TEST_DSA, TEST_RSA };

struct test_extension {
    const char *oid;
    const char *hex; /* the value's DER */
    bool critical;
};

struct test_want {
    const char *subject; /* RFC 4514 */
    enum test_key key;
    const char *pem; /* this private key instead of a fresh one */
    unsigned seed;   /* Ed25519 keys only: the same seed gives the same key; 0 draws one */
    bool ca;
    bool has_path_length;
    unsigned path_length;
    bool no_usage;  /* leave keyUsage out */
    unsigned usage; /* GNUTLS_KEY_...; 0: what the kind of certificate needs */
    gk_time from, until;
    bool sha1;                       /* signed with SHA-1 (by a P-256, RSA or DSA issuer) */
    bool pss;                        /* signed with RSASSA-PSS (by an RSA issuer) */
    const char *dns, *mail;          /* one alternative name each */
    struct gk_octets address;        /* 4 or 16 octets */
    struct gk_octets subject_key_id; /* instead of the computed one */
    struct test_extension extension[2];
};

/* A self-signed Ed25519 root that may sign certificates and CRLs. */
const struct test_party *test_ca_new(const char *subject);
/* `issuer` NULL: self-signed. */
const struct test_party *test_ca_issue(const struct test_party *issuer,
                                       const struct test_want *want);
/* The private key of the known answers' messages with that signature type, PEM. */
const char *test_vector_key(long long signature);
/* root, inter, owner, gcks or m1 of the known answers. */
const struct test_party *test_party_of_vector(const char *entity);

struct test_crl_want {
    unsigned serial[4];               /* revoked; 0 ends */
    gk_time this_update, next_update; /* 0: one day before the clock; none */
    unsigned number;                  /* 0: none */
    const char *critical;             /* OID content in hexadecimal of an extension */
    const char *entry_critical;       /* the same in the first entry */
    bool bad_signature;
};

/* By an Ed25519 issuer. */
struct gk_octets test_crl(const struct test_party *issuer, const struct test_crl_want *want);

#endif
