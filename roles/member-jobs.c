/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/member-internal.h"

#include <stdlib.h>
#include <string.h>

void member_job_drop(struct gk_job *done)
{
    struct member_job *job = (struct member_job *)done;

    gk_secret_free(&job->octets);
    gk_secret_free(&job->secret);
    gk_secret_free(&job->public_value);
    gk_secret_free(&job->own_id);
    gk_secret_free(&job->nonce_c);
    gk_secret_free(&job->spki);
    gk_secret_free(&job->plain);
    pki_identity_free(job->identity);
    pki_identity_free(job->rekeyer);
    pki_lists_unref(job->lists);
    if (job->loaded)
        load_unref(job->loaded);
    free(job);
}

static void add_certificates(struct gk_message *message, const struct credential *own)
{
    for (size_t i = 0; i < own->certificate_count && i < GK_MESSAGE_CERTIFICATES; i++)
        message->certificate[message->certificate_count++] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, own->certificates[i]};
}

static void sign_as_member(struct gk_message *message, const struct member_job *job)
{
    message->group = job->policy.group;
    message->has_signature = true;
    message->signature.id_type = GK_ID_DN_STRING;
    message->signature.stamp = job->stamp;
    message->signature.signer_id = gk_octets(job->own_id.data + 1, job->own_id.size - 1);
}

/* Draws the session's values and signs the RTJ (RFC 4535 5.2.1.1). A signature whose length
 * never settles means another nonce (profile 4.2). */
static bool make_rtj(struct member_job *job)
{
    const struct gk_creation *creation = gk_creation_find(job->mechanism.key_creation);
    const struct gk_choices choices = {true,
                                       true,
                                       true,
                                       job->mechanism.key_creation,
                                       job->mechanism.key_wrap,
                                       job->mechanism.nonce_hash};
    struct gk_message message = {.exchange = GK_REQUEST_TO_JOIN};
    struct gk_writer public_value = {0};
    struct gk_writer data = {0};
    struct gk_writer octets = {0};

    creation->generate(creation, job->config->random, &job->secret, &public_value);
    gk_random_fill(job->config->random, job->nonce_i, sizeof job->nonce_i);
    job->public_value = gk_writer_take(&public_value);
    gk_choices_write(&choices, &data);
    message.has_key_creation = true;
    message.key_creation_type = job->mechanism.key_creation;
    message.key_creation = gk_secret_octets(&job->public_value);
    message.nonce[GK_NONCE_I] = gk_octets(job->nonce_i, sizeof job->nonce_i);
    message.notification_count = 1;
    message.notification[0] =
        (struct gk_notification_payload){GK_MECHANISM_CHOICES, gk_writer_octets(&data)};
    sign_as_member(&message, job);
    add_certificates(&message, job->own);
    job->good = gk_message_build(&message, job->own->signer, &octets, &job->why);
    gk_writer_free(&data);
    job->octets = gk_writer_take(&octets);
    return job->good;
}

static void run_make_rtj(struct member_job *job)
{
    for (int start = 0; start < GK_SIGN_STARTS; start++) {
        if (make_rtj(job) || strcmp(job->why.code, "signature-length") != 0)
            return;
        gk_secret_free(&job->secret);
        gk_secret_free(&job->public_value);
        gk_secret_free(&job->octets);
    }
}

static bool parse(struct member_job *job, struct gk_message *message, unsigned exchange)
{
    return gk_message_header(message, gk_secret_octets(&job->octets), &job->policy.group,
                             GK_EXCHANGE_BIT(exchange), &job->why) &&
           gk_message_chain(message, &job->why);
}

/* Path and signature of a Key Download. */
static void run_verify(struct member_job *job)
{
    struct gk_message message;

    job->good = parse(job, &message, GK_KEY_DOWNLOAD) &&
                pki_signer_of_message(&job->policy.trust, &message, job->now.utc, &job->identity,
                                      &job->why) &&
                gk_signature_verify(message.signature.type, job->identity->spki,
                                    message.signed_octets, message.signature.signature, &job->why);
}

static bool derive_kek(struct member_job *job, const struct gk_message *message,
                       const struct gk_wrap *wrap, struct gk_secret *kek)
{
    const struct gk_creation *creation = gk_creation_find(job->mechanism.key_creation);
    const struct gk_id_payload *id = &message->identification[0];
    struct gk_writer server = {0};
    struct gk_writer member = {0};
    struct gk_secret z = {NULL, 0};
    struct gk_kek_binding binding = {
        .group_type = message->group.type,
        .group_value = gk_group_value(&message->group),
        .signature = message->signature.type,
        .nonce_hash = job->mechanism.nonce_hash,
        .key_creation = job->mechanism.key_creation,
        .key_wrap = job->mechanism.key_wrap,
        .member_public = gk_secret_octets(&job->public_value),
        .server_public = message->key_creation,
        .nonce_i = gk_octets(job->nonce_i, sizeof job->nonce_i),
        .nonce_r = message->nonce[GK_NONCE_R],
    };

    if (!creation->agree(creation, gk_secret_octets(&job->secret), message->key_creation, &z,
                         &job->why))
        return false;
    gk_write_u8(&server, message->signature.id_type);
    gk_write_octets(&server, message->signature.signer_id);
    /* The octets as the KeyDL has them, which may say our name in another way (profile 7.2). */
    gk_write_u8(&member, id->type);
    gk_write_octets(&member, id->data);
    binding.server = gk_writer_octets(&server);
    binding.member = gk_writer_octets(&member);
    *kek = gk_kek(creation, wrap, &binding, gk_secret_octets(&z));
    gk_writer_free(&server);
    gk_writer_free(&member);
    gk_secret_free(&z);
    return true;
}

static bool open_payload(struct member_job *job, const struct gk_message *message,
                         const struct gk_secret *kek, uint8_t payload, struct gk_octets sealed,
                         struct gk_secret *plain)
{
    struct gk_writer aad = {0};
    bool good;

    gk_aad(&aad, gk_group_value(&message->group), payload);
    good = gk_wrap_open(gk_wrap_find(job->mechanism.key_wrap), gk_secret_octets(kek),
                        gk_writer_octets(&aad), sealed, plain, &job->why);
    gk_writer_free(&aad);
    return good;
}

/* Decrypts the token, loads it, asks whether it lets the signer hand out keys, and only then
 * decrypts the keys (RFC 4535 5.2.1.2). `loaded` is kept exactly when the server is shown. */
static bool open_keydl(struct member_job *job, const struct gk_message *message,
                       const struct gk_secret *kek)
{
    struct gk_secret token = {NULL, 0};
    struct rules_verdict verdict;
    bool good = open_payload(job, message, kek, GK_PAYLOAD_POLICY_TOKEN, message->token, &token);

    if (good) {
        job->loaded =
            load_token(gk_secret_octets(&token), &job->policy, &job->mark, job->now.utc, &job->why);
        good = job->loaded != NULL;
    }
    gk_secret_free(&token);
    if (good && !rules_server(job->loaded->rules, RULES_ANY, job->identity, &verdict)) {
        load_unref(job->loaded);
        job->loaded = NULL;
        return gk_refuse(&job->why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "server-not-allowed",
                         "%.250s", verdict.rule);
    }
    if (good)
        job->rekeyer = member_find_rekeyer(job, message);
    return good && open_payload(job, message, kek, GK_PAYLOAD_KEY_DOWNLOAD, message->key_download,
                                &job->plain);
}

static void run_open(struct member_job *job)
{
    const struct gk_wrap *wrap = gk_wrap_find(job->mechanism.key_wrap);
    struct gk_secret kek = {NULL, 0};
    struct gk_message message;

    job->good = parse(job, &message, GK_KEY_DOWNLOAD) && gk_message_contents(&message, &job->why) &&
                (message.key_creation_type == job->mechanism.key_creation ||
                 gk_refuse(&job->why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "key-creation-type",
                           "the KeyDL creates keys by type %u, the RTJ asked for %u",
                           message.key_creation_type, job->mechanism.key_creation)) &&
                derive_kek(job, &message, wrap, &kek) && open_keydl(job, &message, &kek);
    gk_secret_free(&kek);
}

/* The Ack/Failure (RFC 4535 5.2.1.4). */
static void run_answer(struct member_job *job)
{
    static const uint8_t simple = 0; /* profile 3.5 */
    struct gk_message message = {.exchange = GK_KEY_DOWNLOAD_ACK};
    struct gk_writer octets = {0};

    message.nonce[GK_NONCE_C] = gk_secret_octets(&job->nonce_c);
    message.notification_count = 1;
    message.notification[0].type = job->notification;
    if (job->notification == GK_ACKNOWLEDGEMENT)
        message.notification[0].data = gk_octets(&simple, 1);
    sign_as_member(&message, job);
    for (int start = 0; start < GK_SIGN_STARTS; start++) {
        job->good = gk_message_build(&message, job->own->signer, &octets, &job->why);
        if (job->good || strcmp(job->why.code, "signature-length") != 0)
            break;
        message.signature.stamp = ++job->stamp;
        gk_writer_cut(&octets, 0);
    }
    job->octets = gk_writer_take(&octets);
}

static bool brings_new_certificate(const struct member_job *job, const struct gk_message *message)
{
    uint8_t hash[32];

    if (!message->certificate_count)
        return false;
    gk_sha256(message->certificate[0].data, hash);
    return memcmp(hash, job->certificate, sizeof hash) != 0;
}

/* A Rekey Event's signature with the key validated before; a path only where that fails and
 * the message brings a new certificate (profile 9.15). */
static void run_rekey(struct member_job *job)
{
    struct gk_message message;

    if (!parse(job, &message, GK_REKEY_EVENT))
        return;
    job->good = job->spki.size &&
                gk_signature_verify(message.signature.type, gk_secret_octets(&job->spki),
                                    message.signed_octets, message.signature.signature, &job->why);
    if (job->good || !job->may_validate || !brings_new_certificate(job, &message))
        return;
    job->validated = true;
    job->good = pki_signer_of_message(&job->policy.trust, &message, job->now.utc, &job->identity,
                                      &job->why) &&
                gk_signature_verify(message.signature.type, job->identity->spki,
                                    message.signed_octets, message.signature.signature, &job->why);
}

static void run_job(struct gk_job *todo)
{
    struct member_job *job = (struct member_job *)todo;

    switch (job->work) {
    case MEMBER_MAKE_RTJ:
        run_make_rtj(job);
        break;
    case MEMBER_VERIFY:
        run_verify(job);
        break;
    case MEMBER_OPEN:
        run_open(job);
        break;
    case MEMBER_ANSWER:
        run_answer(job);
        break;
    case MEMBER_REKEY:
        run_rekey(job);
        break;
    }
}

struct member_job *member_job_new(struct member *member, enum member_work work,
                                  const struct gk_now *now)
{
    static const enum gk_lane lanes[] = {
        [MEMBER_MAKE_RTJ] = GK_LANE_REGISTRATION, [MEMBER_VERIFY] = GK_LANE_REGISTRATION,
        [MEMBER_OPEN] = GK_LANE_REGISTRATION,     [MEMBER_ANSWER] = GK_LANE_ACK,
        [MEMBER_REKEY] = GK_LANE_REKEY,
    };
    struct member_job *job = gk_alloc(1, sizeof *job);
    size_t own = member_credential_of(member, &member->mechanism);

    job->job = (struct gk_job){.run = run_job, .drop = member_job_drop, .lane = lanes[work]};
    job->work = work;
    job->config = &member->config;
    job->policy = member->policy;
    job->lists = pki_lists_ref(member->lists);
    job->mechanism = member->mechanism;
    job->now = *now;
    job->session = member->session.number;
    job->own = &member->config.credential[own];
    job->own_id = gk_secret_copy(gk_secret_octets(&member->own[own].id));
    return job;
}
