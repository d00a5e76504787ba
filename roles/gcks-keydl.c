/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key Download (RFC 4535 5.2.1.2): leaf and keys are put in by the loop, everything that
 * costs is done by one job: key agreement, KEK, encryption, signature.
 */
#include "roles/gcks-internal.h"

#include <stdlib.h>
#include <string.h>

struct keydl_job {
    struct gcks_job job;
    uint32_t session;
    uint64_t serial;
    uint64_t event; /* the newest that the keys know */
    struct gk_group group;
    struct gk_mechanism mechanism;
    const struct gk_random *random;
    const struct gk_signer *signer;
    struct gk_octets certificate[GK_MESSAGE_CERTIFICATES];
    size_t certificate_count;
    gk_time stamp;
    bool private_inside;
    struct loaded *loaded;
    struct gk_secret plain; /* Key Download */
    struct gk_secret nonce_i, public_i;
    struct gk_secret member, server; /* ID Type octet | ID data */
    struct gk_writer message;
    struct gk_writer nonce_c;
};

/* --- the job ------------------------------------------------------------------------------ */

/* What one try makes. */
struct draft {
    struct gk_secret nonce_r, secret, z, kek;
    struct gk_writer public_r, nonce_c, token, keys;
};

static void draft_free(struct draft *draft)
{
    gk_secret_free(&draft->nonce_r);
    gk_secret_free(&draft->secret);
    gk_secret_free(&draft->z);
    gk_secret_free(&draft->kek);
    gk_writer_free(&draft->public_r);
    gk_writer_free(&draft->nonce_c);
    gk_writer_free(&draft->token);
    gk_writer_free(&draft->keys);
}

static bool agree(const struct keydl_job *job, struct draft *draft, struct gk_reason *why)
{
    const struct gk_creation *creation = gk_creation_find(job->mechanism.key_creation);
    struct gk_kek_binding binding = {
        .group_type = job->group.type,
        .group_value = gk_group_value(&job->group),
        .signature = job->mechanism.signature,
        .nonce_hash = job->mechanism.nonce_hash,
        .key_creation = job->mechanism.key_creation,
        .key_wrap = job->mechanism.key_wrap,
        .member = gk_secret_octets(&job->member),
        .server = gk_secret_octets(&job->server),
        .member_public = gk_secret_octets(&job->public_i),
        .nonce_i = gk_secret_octets(&job->nonce_i),
    };

    draft->nonce_r = gk_random_secret(job->random, GK_NONCE_SIZE);
    creation->generate(creation, job->random, &draft->secret, &draft->public_r);
    if (!creation->agree(creation, gk_secret_octets(&draft->secret), binding.member_public,
                         &draft->z, why))
        return false;
    binding.server_public = gk_writer_octets(&draft->public_r);
    binding.nonce_r = gk_secret_octets(&draft->nonce_r);
    draft->kek = gk_kek(creation, gk_wrap_find(job->mechanism.key_wrap), &binding,
                        gk_secret_octets(&draft->z));
    gk_nonce_combine(gk_nonce_hash_find(job->mechanism.nonce_hash), binding.nonce_i,
                     binding.nonce_r, binding.server, &draft->nonce_c);
    return true;
}

static void seal(const struct keydl_job *job, const struct draft *draft, uint8_t payload,
                 struct gk_octets plain, struct gk_writer *to)
{
    struct gk_writer aad = {0};

    gk_aad(&aad, gk_group_value(&job->group), payload);
    gk_wrap_seal(gk_wrap_find(job->mechanism.key_wrap), gk_secret_octets(&draft->kek), job->random,
                 gk_writer_octets(&aad), plain, to);
    gk_writer_free(&aad);
}

static struct gk_octets id_data(const struct gk_secret *id)
{
    return gk_octets(id->data + 1, id->size - 1);
}

static bool build(struct keydl_job *job, const struct draft *draft, struct gk_reason *why)
{
    struct gk_message message = {
        .group = job->group,
        .exchange = GK_KEY_DOWNLOAD,
        .identification_count = 1,
        .has_key_creation = true,
        .key_creation_type = job->mechanism.key_creation,
        .key_creation = gk_writer_octets(&draft->public_r),
        .has_token = true,
        .token_type = GK_TOKEN_V1,
        .token = gk_writer_octets(&draft->token),
        .has_key_download = true,
        .key_download = gk_writer_octets(&draft->keys),
        .has_signature = true,
        .signature = {.id_type = GK_ID_DN_STRING,
                      .stamp = job->stamp,
                      .signer_id = id_data(&job->server)},
        .certificate_count = job->certificate_count,
        .private_inside = job->private_inside,
    };

    message.identification[0] =
        (struct gk_id_payload){GK_ID_RECEIVER, job->member.data[0], id_data(&job->member)};
    message.nonce[GK_NONCE_R] = gk_secret_octets(&draft->nonce_r);
    message.nonce[GK_NONCE_C] = gk_writer_octets(&draft->nonce_c);
    for (size_t i = 0; i < job->certificate_count; i++)
        message.certificate[i] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, job->certificate[i]};
    return gk_message_build(&message, job->signer, &job->message, why);
}

static bool make(struct keydl_job *job, struct gk_reason *why)
{
    struct draft draft = {0};
    bool good = agree(job, &draft, why);

    if (good) {
        seal(job, &draft, GK_PAYLOAD_POLICY_TOKEN, gk_secret_octets(&job->loaded->octets),
             &draft.token);
        seal(job, &draft, GK_PAYLOAD_KEY_DOWNLOAD, gk_secret_octets(&job->plain), &draft.keys);
        good = build(job, &draft, why);
    }
    if (good)
        gk_write_octets(&job->nonce_c, gk_writer_octets(&draft.nonce_c));
    draft_free(&draft);
    return good;
}

static void run(struct gk_job *base)
{
    struct keydl_job *job = (struct keydl_job *)base;

    /* A signature whose length never settles means another nonce (profile 4.2). */
    for (int start = 0; start < GK_SIGN_STARTS; start++) {
        job->job.good = make(job, &job->job.why);
        if (job->job.good || strcmp(job->job.why.code, "signature-length") != 0)
            return;
    }
}

static void drop(struct gk_job *base)
{
    struct keydl_job *job = (struct keydl_job *)base;

    load_unref(job->loaded);
    gk_secret_free(&job->plain);
    gk_secret_free(&job->nonce_i);
    gk_secret_free(&job->public_i);
    gk_secret_free(&job->member);
    gk_secret_free(&job->server);
    gk_writer_free(&job->message);
    gk_writer_free(&job->nonce_c);
    free(job);
}

/* --- the loop: leaf and keys ------------------------------------------------------------------ */

static void give_out(struct gcks *g, const struct gk_key_datum *datum)
{
    gcks_given_out(g, datum->created);
}

/* GTPKs in token order, then the Rekey Array (profile 9.2). */
static struct gk_secret key_download(struct gcks *g, const struct gcks_session *session)
{
    struct gk_key_download download = {.gtpk_count = gcks_gtpks_datums(g, download.gtpk)};
    struct gk_writer writer = {0};

    for (size_t i = 0; i < download.gtpk_count; i++)
        give_out(g, &download.gtpk[i]);
    download.has_array = g->lkh && gk_lkh_array(g->lkh, session->leaf, &download.array);
    for (size_t i = 0; download.has_array && i < download.array.count; i++)
        give_out(g, &download.array.kek[i]);
    gk_key_download_write(&download, &writer);
    return gk_writer_take(&writer);
}

/* Those of all keys with which this server signs, the message's own first (profile 12.11). */
static void list_certificates(const struct gcks *g, const struct credential *own,
                              struct keydl_job *job)
{
    job->certificate_count = 0;
    for (size_t i = 0; i <= g->config.credential_count; i++) {
        const struct credential *from = i ? &g->config.credential[i - 1] : own;

        for (size_t k = 0; k < from->certificate_count; k++) {
            bool there = false;

            for (size_t m = 0; m < job->certificate_count && !there; m++)
                there = gk_octets_equal(job->certificate[m], from->certificates[k]);
            if (!there && job->certificate_count < GK_MESSAGE_CERTIFICATES)
                job->certificate[job->certificate_count++] = from->certificates[k];
        }
    }
}

/* Token and keys as they are now. */
static void put_in(struct gcks *g, struct gcks_session *session, struct keydl_job *job)
{
    struct loaded *old = job->loaded;

    job->loaded = load_ref(g->loaded);
    load_unref(old);
    gk_secret_free(&job->plain);
    job->plain = key_download(g, session);
    job->private_inside = gcks_private_keys(g);
    job->stamp = g->now.utc;
    job->event = g->event_number;
    session->event = g->event_number;
}

static void finish(struct gcks *g, struct gcks_session *session, struct keydl_job *job)
{
    char name[256];
    char address[GK_ADDRESS_TEXT];

    gcks_session_set_nonce(g, session, gk_writer_octets(&job->nonce_c));
    session->keydl = gk_writer_take(&job->message);
    session->deadline_ms = gcks_session_deadline(g, &session->mechanism);
    (void)gcks_step(g, session, GCKS_RTJ_VALID);
    g->counts.keydl++;
    gk_turn_notice(g->turn, GK_INFO, "keydl-sent", GK_NONE, "Key Download to %s at %s, member %lu",
                   gk_escape(name, sizeof name, session->path->identity->name),
                   gk_address_format(&session->peer.address, address),
                   (unsigned long)session->leaf);
}

void gcks_act_keydl(struct gcks *g, struct gcks_session *session)
{
    gcks_session_send(g, session);
}

static struct keydl_job *copy_of(const struct keydl_job *from)
{
    struct keydl_job *job = gk_alloc(1, sizeof *job);

    *job = *from;
    job->loaded = NULL;
    job->plain = (struct gk_secret){0};
    job->nonce_i = gk_secret_copy(gk_secret_octets(&from->nonce_i));
    job->public_i = gk_secret_copy(gk_secret_octets(&from->public_i));
    job->member = gk_secret_copy(gk_secret_octets(&from->member));
    job->server = gk_secret_copy(gk_secret_octets(&from->server));
    job->message = (struct gk_writer){0};
    job->nonce_c = (struct gk_writer){0};
    return job;
}

static void done(struct gcks *g, struct gcks_job *base)
{
    struct keydl_job *job = (struct keydl_job *)base;
    struct gcks_session *session = gcks_session_at(g, job->session, job->serial);

    if (!session || g->state != GCKS_WAIT_EVENT)
        return;
    if (!base->good) {
        gcks_refused(g, "member-refused", &session->peer, session->path->identity->name,
                     &base->why);
        gcks_session_end(g, session, GCKS_NACK);
    } else if (gcks_session_still_admitted(g, session)) {
        /* Keys that an event has replaced meanwhile would be of no use, and without a rekey
         * method a token comes into force without event: once more. */
        if (job->event != g->event_number || job->loaded != g->loaded) {
            struct keydl_job *again = copy_of(job);

            put_in(g, session, again);
            gcks_job_queue(g, GCKS_LANE_KEYDL, &again->job);
        } else {
            finish(g, session, job);
        }
    }
}

static struct keydl_job *job_new(struct gcks *g, const struct gcks_session *session)
{
    const struct credential *own = gcks_credential_of(g, session->mechanism.algorithms.signature);
    struct keydl_job *job = gk_alloc(1, sizeof *job);

    job->job.base.run = run;
    job->job.base.drop = drop;
    job->job.done = done;
    job->session = session->handle;
    job->serial = session->serial;
    job->group = g->group;
    job->mechanism = session->mechanism.algorithms;
    job->random = g->config.random;
    job->signer = own->signer;
    list_certificates(g, own, job);
    return job;
}

static struct gk_secret id_of(uint8_t type, struct gk_octets data)
{
    struct gk_writer writer = {0};

    gk_write_u8(&writer, type);
    gk_write_octets(&writer, data);
    return gk_writer_take(&writer);
}

void gcks_make_keydl(struct gcks *g, struct gcks_session *session, const struct gk_message *rtj)
{
    struct keydl_job *job = job_new(g, session);

    job->nonce_i = gk_secret_copy(rtj->nonce[GK_NONCE_I]);
    job->public_i = gk_secret_copy(rtj->key_creation);
    job->member = id_of(rtj->signature.id_type, rtj->signature.signer_id);
    job->server = id_of(GK_ID_DN_STRING, g->self[0]->name);
    put_in(g, session, job);
    gcks_job_queue(g, GCKS_LANE_KEYDL, &job->job);
}
