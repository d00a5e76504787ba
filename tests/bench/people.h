/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_PEOPLE_H
#define TESTS_BENCH_PEOPLE_H
/*
 * People who join: thousands of them, each with a certificate of its own under the known
 * answers' intermediate CA, and their half of a registration with the recommended mechanism.
 *
 * Certificates are stamped out of one that was issued in the ordinary way (name, key, key
 * identifier and signature differ; the serial number does not, nobody asks for it here), and
 * nothing keeps a library handle, so that 2^17 people fit into memory. Everything here happens
 * outside of what is measured.
 */
#include "gsakmp/message.h"
#include "gsakmp/suite.h"

#define PERSON_KEY 32

struct bench_people {
    struct gk_octets issuer;       /* certificate of the intermediate CA */
    struct gk_octets issuer_seed;  /* its key */
    struct gk_octets certificate;  /* the pattern */
    size_t name_at, key_at, id_at; /* where the person's own octets stand in it */
    size_t tbs_size;               /* octets that its signature covers */
    struct gk_group group;
    struct gk_mechanism mechanism;
};

struct bench_person {
    const struct bench_people *people;
    char name[48]; /* profile 4.3's string */
    struct gk_secret certificate;
    struct gk_octets chain[2];
    uint8_t seed[PERSON_KEY], public_key[PERSON_KEY];
    uint8_t nonce_i[GK_NONCE_SIZE];
    struct gk_signer signer;
};

void people_set_up(struct bench_people *people, const struct gk_group *group);
/* The person stays where it is while its signer is used. */
void person_make(struct bench_person *person, const struct bench_people *people, unsigned number);
void person_free(struct bench_person *person);

/* An RTJ with a fresh nonce and public value, and the Ack to the KeyDL that answers it. They
 * are appended. */
void person_rtj(struct bench_person *person, gk_time stamp, struct gk_writer *to);
void person_ack(struct bench_person *person, struct gk_octets keydl, gk_time stamp,
                struct gk_writer *to);

#endif
