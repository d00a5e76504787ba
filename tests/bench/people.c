/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/eddsa.h>
#include <nettle/sha1.h>

#include "tests/bench/bench.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"

#define ID_DN        31
#define PATTERN_NAME "CN=M12345678,OU=Members,O=Acme,C=US"
#define NUMBER_AT    4 /* of the digits in that */
#define DIGITS       8

/* --- certificates --------------------------------------------------------------------- */

/* Where those octets stand, once. */
static size_t find(struct gk_octets in, const void *what, size_t size)
{
    const uint8_t *at = memmem(in.data, in.size, what, size);

    bench_check(at);
    bench_check(!memmem(at + 1, (size_t)(in.data + in.size - at - 1), what, size));
    return (size_t)(at - in.data);
}

/* SEQUENCE of a length in two octets: what an Ed25519 certificate and its contents are. */
static size_t sequence_size(struct gk_octets der, size_t at)
{
    bench_check(at + 4 < der.size && der.data[at] == 0x30 && der.data[at + 1] == 0x82);
    return (size_t)4 + (size_t)(der.data[at + 2] << 8 | der.data[at + 3]);
}

static void public_key_of(const struct test_party *party, uint8_t key[PERSON_KEY])
{
    struct gk_signer signer = {0};
    struct gk_writer spki = {0};

    bench_check(gk_signer_open(&signer, party->key, -1, NULL, NULL));
    bench_check(gk_signer_spki(&signer, &spki, NULL) && spki.size > PERSON_KEY);
    memcpy(key, spki.data + spki.size - PERSON_KEY, PERSON_KEY);
    gk_writer_free(&spki);
    gk_signer_free(&signer);
}

void people_set_up(struct bench_people *people, const struct gk_group *group)
{
    const struct test_party *inter = test_party_of_vector("inter");
    const struct test_party *pattern =
        test_ca_issue(inter, &(struct test_want){.subject = PATTERN_NAME, .seed = 1});
    uint8_t key[PERSON_KEY];

    *people = (struct bench_people){.issuer = inter->certificate,
                                    .issuer_seed = vector_octets("entities/inter/seed"),
                                    .certificate = pattern->certificate,
                                    .group = *group,
                                    .mechanism = gk_suite_named("recommended")->mechanism};
    public_key_of(pattern, key);
    people->name_at = find(pattern->certificate, PATTERN_NAME + NUMBER_AT, DIGITS);
    people->key_at = find(pattern->certificate, key, sizeof key);
    people->id_at = find(pattern->certificate, pattern->key_id, sizeof pattern->key_id);
    people->tbs_size = sequence_size(pattern->certificate, 4);
}

static void stamp_out(struct bench_person *person, const char digits[DIGITS])
{
    const struct bench_people *people = person->people;
    uint8_t *at;
    uint8_t ca[PERSON_KEY];
    struct sha1_ctx hash;

    person->certificate = gk_secret_copy(people->certificate);
    at = person->certificate.data;
    memcpy(at + people->name_at, digits, DIGITS);
    memcpy(at + people->key_at, person->public_key, PERSON_KEY);
    sha1_init(&hash);
    sha1_update(&hash, PERSON_KEY, person->public_key);
    sha1_digest(&hash, SHA1_DIGEST_SIZE, at + people->id_at);
    ed25519_sha512_public_key(ca, people->issuer_seed.data);
    ed25519_sha512_sign(ca, people->issuer_seed.data, people->tbs_size, at + 4,
                        at + people->certificate.size - ED25519_SIGNATURE_SIZE);
}

static bool sign(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                 struct gk_reason *why)
{
    const struct bench_person *person = signer->context;
    uint8_t signature[ED25519_SIGNATURE_SIZE];

    (void)why;
    ed25519_sha512_sign(person->public_key, person->seed, data.size, data.data, signature);
    gk_write(to, signature, sizeof signature);
    return true;
}

void person_make(struct bench_person *person, const struct bench_people *people, unsigned number)
{
    char digits[16];

    *person = (struct bench_person){.people = people};
    snprintf(digits, sizeof digits, "%08u", number % 100000000);
    snprintf(person->name, sizeof person->name, "%s", PATTERN_NAME);
    memcpy(person->name + NUMBER_AT, digits, DIGITS);
    gk_random_fill(&gk_random_system, person->seed, sizeof person->seed);
    ed25519_sha512_public_key(person->public_key, person->seed);
    stamp_out(person, digits);
    person->chain[0] = gk_secret_octets(&person->certificate);
    person->chain[1] = people->issuer;
    person->signer =
        (struct gk_signer){people->mechanism.signature, sign, person, ED25519_SIGNATURE_SIZE};
}

void person_free(struct bench_person *person)
{
    gk_secret_free(&person->certificate);
}

/* --- messages --------------------------------------------------------------------------- */

static void sign_as(struct gk_message *message, const struct bench_person *person, gk_time stamp)
{
    message->group = person->people->group;
    message->has_signature = true;
    message->signature.id_type = ID_DN;
    message->signature.stamp = stamp;
    message->signature.signer_id = gk_octets_of(person->name);
}

void person_rtj(struct bench_person *person, gk_time stamp, struct gk_writer *to)
{
    const struct gk_mechanism *mechanism = &person->people->mechanism;
    const struct gk_creation *creation = gk_creation_find(mechanism->key_creation);
    const struct gk_choices choices = {
        true, true, true, mechanism->key_creation, mechanism->key_wrap, mechanism->nonce_hash};
    struct gk_message message = {.exchange = GK_REQUEST_TO_JOIN, .has_key_creation = true};
    struct gk_secret secret = {NULL, 0};
    struct gk_writer public_value = {0};
    struct gk_writer data = {0};

    creation->generate(creation, &gk_random_system, &secret, &public_value);
    gk_random_fill(&gk_random_system, person->nonce_i, sizeof person->nonce_i);
    gk_choices_write(&choices, &data);
    message.key_creation_type = mechanism->key_creation;
    message.key_creation = gk_writer_octets(&public_value);
    message.nonce[GK_NONCE_I] = gk_octets(person->nonce_i, sizeof person->nonce_i);
    message.notification_count = 1;
    message.notification[0] =
        (struct gk_notification_payload){GK_MECHANISM_CHOICES, gk_writer_octets(&data)};
    sign_as(&message, person, stamp);
    for (; message.certificate_count < 2; message.certificate_count++)
        message.certificate[message.certificate_count] = (struct gk_certificate_payload){
            GK_CERTIFICATE_X509, person->chain[message.certificate_count]};
    bench_check(gk_message_build(&message, &person->signer, to, NULL));
    gk_secret_free(&secret);
    gk_writer_free(&public_value);
    gk_writer_free(&data);
}

static void nonce_c_of(const struct bench_person *person, struct gk_octets keydl,
                       struct gk_writer *to)
{
    struct gk_writer server = {0};
    struct gk_message message;

    bench_check(gk_message_parse(&message, keydl, &person->people->group,
                                 GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD), NULL));
    gk_write_u8(&server, message.signature.id_type);
    gk_write_octets(&server, message.signature.signer_id);
    gk_nonce_combine(gk_nonce_hash_find(person->people->mechanism.nonce_hash),
                     gk_octets(person->nonce_i, sizeof person->nonce_i), message.nonce[GK_NONCE_R],
                     gk_writer_octets(&server), to);
    gk_writer_free(&server);
}

void person_ack(struct bench_person *person, struct gk_octets keydl, gk_time stamp,
                struct gk_writer *to)
{
    static const uint8_t simple = 0; /* profile 3.5 */
    struct gk_message message = {.exchange = GK_KEY_DOWNLOAD_ACK};
    struct gk_writer nonce_c = {0};

    nonce_c_of(person, keydl, &nonce_c);
    message.nonce[GK_NONCE_C] = gk_writer_octets(&nonce_c);
    message.notification_count = 1;
    message.notification[0] =
        (struct gk_notification_payload){GK_ACKNOWLEDGEMENT, gk_octets(&simple, 1)};
    sign_as(&message, person, stamp);
    bench_check(gk_message_build(&message, &person->signer, to, NULL));
    gk_writer_free(&nonce_c);
}
