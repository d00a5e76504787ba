/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's certificates. It may have one a signature type, all of one identity, and its
 * KeyDL brings those of all keys with which it signs for the group (profile 4.8, 12.11): so the
 * key of its Rekey Events is known before the first of them, and none costs a path.
 */
#include "roles/member-internal.h"

#include <string.h>

#include "token/name.h"

/* That certificate first, as paths begin with it. */
static bool validate_from(const struct pki_trust *trust, gk_time at,
                          const struct gk_octets *certificates, size_t count, size_t first,
                          struct pki_identity **identity, struct gk_reason *why)
{
    struct gk_octets order[GK_MESSAGE_CERTIFICATES];
    size_t put = 0;

    order[put++] = certificates[first];
    for (size_t i = 0; i < count; i++) {
        if (i != first)
            order[put++] = certificates[i];
    }
    return pki_validate(trust, order, count, NULL, 0, at, identity, why);
}

static bool is_of(struct gk_octets certificate, struct gk_octets name)
{
    struct gk_writer subject = {0};
    bool yes = name_of_certificate(certificate, &subject, NULL) &&
               name_equal(gk_writer_octets(&subject), name);

    gk_writer_free(&subject);
    return yes;
}

static size_t list_certificates(const struct gk_message *message,
                                struct gk_octets certificates[GK_MESSAGE_CERTIFICATES])
{
    size_t count = 0;

    for (size_t i = 0; i < message->certificate_count; i++) {
        if (message->certificate[i].type == GK_CERTIFICATE_X509)
            certificates[count++] = message->certificate[i].data;
    }
    return count;
}

struct pki_identity *member_find_rekeyer(const struct member_job *job,
                                         const struct gk_message *message)
{
    const struct rules_terms *terms = rules_terms(job->loaded->rules);
    struct gk_octets certificates[GK_MESSAGE_CERTIFICATES];
    size_t count = list_certificates(message, certificates);

    if (!terms->rekeys || terms->rekey_signature == message->signature.type)
        return NULL;
    for (size_t i = 1; i < count; i++) {
        struct pki_identity *identity;

        if (!is_of(certificates[i], job->identity->name) ||
            !validate_from(&job->policy.trust, job->now.utc, certificates, count, i, &identity,
                           NULL))
            continue;
        if (pki_identity_same(identity, job->identity) &&
            gk_signature_takes(terms->rekey_signature, identity->spki, NULL))
            return identity;
        pki_identity_free(identity);
    }
    return NULL;
}

struct gk_secret member_server_chain(const struct gk_message *message,
                                     const struct pki_identity *first,
                                     const struct pki_identity *second)
{
    struct gk_octets certificates[GK_MESSAGE_CERTIFICATES];
    size_t count = list_certificates(message, certificates);
    struct gk_writer chain = {0};

    gk_write_v(&chain, first->certificate);
    if (second)
        gk_write_v(&chain, second->certificate);
    for (size_t i = 0; i < count; i++) {
        if (!gk_octets_equal(certificates[i], first->certificate) &&
            !(second && gk_octets_equal(certificates[i], second->certificate)))
            gk_write_v(&chain, certificates[i]);
    }
    return gk_writer_take(&chain);
}

bool member_server_restore(struct member *member, bool two, gk_time at, struct gk_reason *why)
{
    const struct pki_trust *trust = &member->policy.trust;
    struct gk_octets certificates[GK_MESSAGE_CERTIFICATES];
    struct gk_reader from = gk_reader(gk_secret_octets(&member->in.server_chain));
    size_t count = 0;

    while (gk_reader_left(&from) && count < GK_MESSAGE_CERTIFICATES)
        certificates[count++] = gk_read_octets(&from, gk_read_u16(&from));
    if (!gk_reader_done(&from) || count < 1u + two)
        return gk_refuse(why, GK_NONE, gk_reader_offset(&from), "member-record",
                         "the stored certificates of the server are not what this version writes");
    return validate_from(trust, at, certificates, count, 0, &member->in.server, why) &&
           (!two ||
            validate_from(trust, at, certificates, count, 1, &member->in.server_signer, why));
}

/* --- revocation ------------------------------------------------------------------------------ */

bool member_revoked(const struct member *member, const struct pki_identity *identity)
{
    return identity &&
           pki_lists_revoke(member->lists, member->policy.trust.tolerate_sha1, identity);
}

bool member_still_good(const struct member *member, const struct member_job *job,
                       const struct pki_identity *identity, struct gk_reason *why)
{
    if (job->lists == member->lists || !member_revoked(member, identity))
        return true;
    return gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "revoked",
                     "the signer's certificate, or that of a CA above it, has been revoked "
                     "meanwhile");
}

/* Keys that a revoked server gave, or under a token that a revoked owner signed, are nobody's to
 * rely on: as after a restart, they are not used, and the member registers anew. */
static void leave_server(struct member *member, const struct gk_now *now, const char *who,
                         struct gk_turn *turn)
{
    gk_turn_notice(turn, GK_WARNING, "server-revoked", GK_AUTHENTICATION_FAILED,
                   "the certificate of %s, or of a CA above it, has been revoked: its keys are "
                   "wiped, and this member registers again",
                   who);
    (void)gk_refuse(&member->refusal, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "server-revoked",
                    "the certificate of %s has been revoked", who);
    member_session_clear(member);
    (void)member_do_move(member, MEMBER_MOVE_LEAVE, turn);
    member_forget(member);
    member_record(member, turn);
    turn->keys_changed = true;
    member->retry_at = member->wanted ? now->ms : GK_NO_TICK;
}

static void tell_own(const struct member *member, gk_time at, struct gk_turn *turn)
{
    for (size_t i = 0; i < member->config.credential_count; i++) {
        const struct credential *own = &member->config.credential[i];
        struct pki_identity *identity = NULL;
        struct gk_reason why;

        if (!pki_validate(&member->policy.trust, own->certificates, own->certificate_count, NULL, 0,
                          at, &identity, &why) &&
            strcmp(why.code, "revoked") == 0)
            gk_turn_notice(turn, GK_ERROR, "own-certificate", GK_AUTHENTICATION_FAILED,
                           "this member's own certificate has been revoked: %s", why.text);
        pki_identity_free(identity);
    }
}

void member_local_policy(struct member *member, const struct gk_octets *crls, size_t count,
                         const struct gk_now *now, struct gk_turn *turn)
{
    char name[120];

    pki_lists_unref(member->lists);
    member->lists = pki_lists_new(crls, count);
    pki_lists_lend(member->lists, &member->policy.trust);
    tell_own(member, now->utc, turn);
    if (member->in.present && (member_revoked(member, member->in.server) ||
                               member_revoked(member, member->in.server_signer)))
        leave_server(member, now, gk_escape(name, sizeof name, member->in.server->name), turn);
    else if (member->in.present && member_revoked(member, member->in.loaded->owner))
        leave_server(member, now, "the group owner", turn);
    member_set_tick(member, now, turn);
}
