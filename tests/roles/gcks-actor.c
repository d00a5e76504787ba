/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/gcks-bench.h"

#include <stdlib.h>
#include <string.h>

#include "token/name.h"
#include "roles/pki.h"
#include "tests/vectors.h"

struct actor *actor_new(const char *subject, unsigned number)
{
    struct actor *actor = gk_alloc(1, sizeof *actor);
    const struct test_party *inter = test_party_of_vector("inter");

    actor->party =
        strcmp(subject, "m1") == 0
            ? test_party_of_vector("m1")
            : test_ca_issue(inter, &(struct test_want){.subject = subject, .seed = 1000 + number});
    if (!gk_signer_open(&actor->signer, actor->party->key, -1, NULL, NULL))
        abort();
    actor->peer = bench_peer(number);
    actor->certificates[0] = actor->party->certificate;
    actor->certificates[1] = inter->certificate;
    actor->mechanism = gk_suite_named("recommended")->mechanism;
    return actor;
}

static void forget_session(struct actor *actor)
{
    gk_secret_free(&actor->secret);
    gk_writer_free(&actor->public_value);
    gk_secret_free(&actor->kek);
    gk_secret_free(&actor->plain);
    gk_secret_free(&actor->token);
    gk_ring_free(actor->ring);
    actor->ring = NULL;
    actor->sequence = 0;
}

void actor_free(struct actor *actor)
{
    forget_session(actor);
    gk_secret_free(&actor->rtj);
    gk_signer_free(&actor->signer);
    free(actor);
}

static void sign_as(struct actor *actor, struct gk_message *message, gk_time stamp,
                    struct gk_writer *name)
{
    struct gk_reason why;

    if (actor->claims)
        gk_write_octets(name, gk_octets_of(actor->claims));
    else if (!name_of_certificate(actor->certificates[0], name, &why))
        abort();
    message->has_signature = true;
    message->signature.id_type = 31;
    message->signature.stamp = stamp;
    message->signature.signer_id = gk_writer_octets(name);
}

struct gk_octets actor_rtj_again(struct bench *bench, struct actor *actor, gk_time stamp)
{
    struct gk_message rtj = {.group = bench->policy.group,
                             .exchange = GK_REQUEST_TO_JOIN,
                             .has_key_creation = true,
                             .key_creation_type = actor->mechanism.key_creation,
                             .key_creation = gk_writer_octets(&actor->public_value),
                             .notification_count = 1,
                             .certificate_count = 2};
    const struct gk_choices choices = {true,
                                       true,
                                       true,
                                       actor->mechanism.key_creation,
                                       actor->mechanism.key_wrap,
                                       actor->mechanism.nonce_hash};
    struct gk_writer data = {0};
    struct gk_writer name = {0};
    struct gk_writer to = {0};
    struct gk_reason why;

    gk_choices_write(&choices, &data);
    rtj.nonce[GK_NONCE_I] = gk_octets(actor->nonce_i, sizeof actor->nonce_i);
    rtj.notification[0] =
        (struct gk_notification_payload){GK_MECHANISM_CHOICES, gk_writer_octets(&data)};
    for (size_t i = 0; i < 2; i++)
        rtj.certificate[i] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, actor->certificates[i]};
    sign_as(actor, &rtj, stamp, &name);
    if (!gk_message_build(&rtj, &actor->signer, &to, &why))
        abort();
    gk_secret_free(&actor->rtj);
    actor->rtj = gk_writer_take(&to);
    gk_writer_free(&data);
    gk_writer_free(&name);
    return gk_secret_octets(&actor->rtj);
}

struct gk_octets actor_rtj(struct bench *bench, struct actor *actor, gk_time stamp)
{
    const struct gk_creation *creation = gk_creation_find(actor->mechanism.key_creation);

    forget_session(actor);
    gk_random_fill(&bench->random, actor->nonce_i, sizeof actor->nonce_i);
    creation->generate(creation, &bench->random, &actor->secret, &actor->public_value);
    return actor_rtj_again(bench, actor, stamp);
}

/* --- KeyDL -------------------------------------------------------------------------------- */

static struct gk_octets with_type(struct gk_writer *to, uint8_t type, struct gk_octets data)
{
    gk_write_u8(to, type);
    gk_write_octets(to, data);
    return gk_writer_octets(to);
}

static bool check_server(struct bench *bench, const struct gk_message *keydl)
{
    struct pki_identity *server = NULL;
    struct gk_reason why;
    bool good = pki_signer_of_message(&bench->policy.trust, keydl, bench->now.utc, &server, &why) &&
                gk_signature_verify(keydl->signature.type, server->spki, keydl->signed_octets,
                                    keydl->signature.signature, &why);

    pki_identity_free(server);
    return good;
}

static void derive(struct actor *actor, const struct gk_message *keydl)
{
    const struct gk_creation *creation = gk_creation_find(actor->mechanism.key_creation);
    struct gk_writer member = {0};
    struct gk_writer server = {0};
    struct gk_secret z = {0};
    struct gk_writer nonce_c = {0};
    struct gk_kek_binding binding = {
        .group_type = keydl->group.type,
        .group_value = gk_group_value(&keydl->group),
        .signature = actor->mechanism.signature,
        .nonce_hash = actor->mechanism.nonce_hash,
        .key_creation = actor->mechanism.key_creation,
        .key_wrap = actor->mechanism.key_wrap,
        .member_public = gk_writer_octets(&actor->public_value),
        .server_public = keydl->key_creation,
        .nonce_i = gk_octets(actor->nonce_i, sizeof actor->nonce_i),
        .nonce_r = keydl->nonce[GK_NONCE_R],
    };

    binding.member =
        with_type(&member, keydl->identification[0].type, keydl->identification[0].data);
    binding.server = with_type(&server, keydl->signature.id_type, keydl->signature.signer_id);
    if (!creation->agree(creation, gk_secret_octets(&actor->secret), keydl->key_creation, &z, NULL))
        abort();
    gk_secret_free(&actor->kek);
    actor->kek =
        gk_kek(creation, gk_wrap_find(actor->mechanism.key_wrap), &binding, gk_secret_octets(&z));
    gk_nonce_combine(gk_nonce_hash_find(actor->mechanism.nonce_hash), binding.nonce_i,
                     binding.nonce_r, binding.server, &nonce_c);
    memcpy(actor->nonce_c, nonce_c.data, sizeof actor->nonce_c);
    gk_secret_free(&z);
    gk_writer_free(&member);
    gk_writer_free(&server);
    gk_writer_free(&nonce_c);
}

static bool open_payload(struct actor *actor, const struct gk_message *keydl, uint8_t payload,
                         struct gk_octets sealed, struct gk_secret *plain)
{
    struct gk_writer aad = {0};
    bool good;

    gk_secret_free(plain);
    gk_aad(&aad, gk_group_value(&keydl->group), payload);
    good = gk_wrap_open(gk_wrap_find(actor->mechanism.key_wrap), gk_secret_octets(&actor->kek),
                        gk_writer_octets(&aad), sealed, plain, NULL);
    gk_writer_free(&aad);
    return good;
}

bool actor_open(struct bench *bench, struct actor *actor, struct gk_octets octets)
{
    struct gk_message keydl;
    struct gk_reason why;

    if (!gk_message_parse(&keydl, octets, &bench->policy.group, GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD),
                          &why) ||
        keydl.sequence || !keydl.has_token || !check_server(bench, &keydl))
        return false;
    derive(actor, &keydl);
    if (!gk_octets_equal(keydl.nonce[GK_NONCE_C], gk_octets(actor->nonce_c, 32)) ||
        !open_payload(actor, &keydl, GK_PAYLOAD_POLICY_TOKEN, keydl.token, &actor->token) ||
        !open_payload(actor, &keydl, GK_PAYLOAD_KEY_DOWNLOAD, keydl.key_download, &actor->plain) ||
        !gk_key_download_read(&actor->download, gk_secret_octets(&actor->plain), keydl.vendor,
                              &why))
        return false;
    gk_ring_free(actor->ring);
    actor->ring = gk_ring_new(&actor->download, &why);
    return actor->ring;
}

struct gk_octets actor_answer(struct bench *bench, struct actor *actor, uint16_t notification)
{
    static const uint8_t zero[1];
    struct gk_message answer = {
        .group = bench->policy.group, .exchange = GK_KEY_DOWNLOAD_ACK, .notification_count = 1};
    struct gk_writer name = {0};
    struct gk_writer to = {0};
    struct gk_reason why = {0};
    struct gk_octets octets;
    char *hex;

    answer.nonce[GK_NONCE_C] = gk_octets(actor->nonce_c, sizeof actor->nonce_c);
    answer.notification[0].type = notification;
    if (notification == GK_ACKNOWLEDGEMENT)
        answer.notification[0].data = gk_octets(zero, sizeof zero);
    sign_as(actor, &answer, bench->now.utc, &name);
    if (!gk_message_build(&answer, &actor->signer, &to, &why))
        abort();
    hex = gk_hex(gk_writer_octets(&to));
    octets = test_unhex(hex);
    free(hex);
    gk_writer_free(&name);
    gk_writer_free(&to);
    return octets;
}

bool bench_join(struct bench *bench, struct actor *actor)
{
    size_t before = bench_sent_of(bench, GK_KEY_DOWNLOAD);
    const struct bench_sent *keydl;
    uint64_t admitted = bench_status(bench).counts.admitted;

    bench_deliver(bench, &actor->peer, actor_rtj(bench, actor, bench->now.utc));
    keydl = bench_sent_at(bench, GK_KEY_DOWNLOAD, before);
    if (!keydl->octets.size || !actor_open(bench, actor, gk_secret_octets(&keydl->octets)))
        return false;
    bench_deliver(bench, &actor->peer, actor_answer(bench, actor, GK_ACKNOWLEDGEMENT));
    return bench_status(bench).counts.admitted > admitted;
}

/* --- Rekey Events ---------------------------------------------------------------------------- */

static bool take_event(struct bench *bench, struct actor *actor, const struct gk_message *message)
{
    struct gcks_status status = bench_status(bench);
    struct gk_ring_rules rules = {.group_value = gk_group_value(&message->group),
                                  .gtpk_count = status.gtpk_count,
                                  .gtpk_type = actor->mechanism.key_wrap,
                                  .vendor = message->vendor};
    uint32_t ids[RULES_GTPKS];
    struct gk_reason why;

    for (size_t i = 0; i < status.gtpk_count; i++)
        ids[i] = status.gtpk[i].id;
    rules.gtpk = ids;
    if (message->sequence <= actor->sequence || !check_server(bench, message))
        return false;
    if (message->rekey[0].stamp != actor->newest_event) {
        gk_ring_end_event(actor->ring);
        gk_ring_begin_event(actor->ring);
        actor->newest_event = message->rekey[0].stamp;
    }
    actor->sequence = message->sequence;
    return gk_ring_open(actor->ring, &rules, message->rekey, message->rekey_count, &why) &&
           gk_ring_brought(actor->ring, ids, status.gtpk_count);
}

bool actor_rekey(struct bench *bench, struct actor *actor)
{
    bool complete = false;

    for (size_t i = 0; i < bench->sent_count; i++) {
        struct gk_message message;

        if (gk_message_parse(&message, gk_secret_octets(&bench->sent[i].octets),
                             &bench->policy.group, GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL) &&
            take_event(bench, actor, &message))
            complete = true;
    }
    return complete;
}

bool actor_current(const struct bench *bench, const struct actor *actor)
{
    struct gcks_status status = bench_status(bench);

    for (size_t i = 0; i < status.gtpk_count; i++) {
        struct gk_key_datum datum;

        if (!actor->ring || !gk_ring_find(actor->ring, status.gtpk[i].id, &datum) ||
            datum.handle != status.gtpk[i].handle)
            return false;
    }
    return status.gtpk_count > 0;
}
