/* SPDX-License-Identifier: Apache-2.0 */
/* Can this server run the group by a token? Asked before the token comes into force. */
#include "roles/gcks-internal.h"

#define KEY_DOWNLOAD_ROOM 5120

const struct gcks_credential *gcks_credential_of(const struct gcks *g, uint16_t type)
{
    for (size_t i = 0; i < g->config.credential_count; i++) {
        if (g->config.credential[i].signer->type == type)
            return &g->config.credential[i];
    }
    return NULL;
}

static const struct pki_identity *self_of(const struct gcks *g, uint16_t type)
{
    const struct gcks_credential *credential = gcks_credential_of(g, type);

    return credential ? g->self[credential - g->config.credential] : NULL;
}

static bool not_run(struct gk_reason *why, const char *what)
{
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "not-run",
                     "%s: not run by this version", what);
}

static bool check_signer(const struct gcks *g, uint16_t type, struct gk_reason *why)
{
    if (gcks_credential_of(g, type))
        return true;
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-credential",
                     "the token asks for signatures of type %u, and this server has no such key; "
                     "configure one",
                     type);
}

/* Profile 6.7: every JoinMechanism is served; and this server is its gCKS. */
static bool check_mechanism(const struct gcks *g, const struct loaded *loaded,
                            const struct rules_mechanism *mechanism, struct gk_reason *why)
{
    uint16_t type = mechanism->algorithms.signature;
    struct rules_verdict verdict;

    if (!mechanism->terse)
        return not_run(why, "verbose registration");
    if (mechanism->timestamp)
        return not_run(why, "registration by timestamps instead of nonces");
    if (mechanism->transport == TOKEN_UDP_RTJ_TCP_OTHER)
        return not_run(why, "the transport udpRTJtcpOther");
    if (!check_signer(g, type, why))
        return false;
    if (rules_gcks(loaded->rules, mechanism->registration, self_of(g, type), &verdict))
        return true;
    return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-gcks",
                     "this server is not the token's GC/KS: %.180s", verdict.rule);
}

/* By UDP a Key Download is one datagram (profile 1.2): the token, every certificate of this
 * server, and room for names, nonces and the keys of the deepest tree. */
static bool check_size(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(loaded->rules);
    size_t size = loaded->octets.size + KEY_DOWNLOAD_ROOM;
    bool udp = false;

    for (size_t i = 0; i < terms->mechanism_count; i++)
        udp |= terms->mechanism[i].transport == TOKEN_UDP;
    for (size_t i = 0; i < g->config.credential_count; i++) {
        for (size_t k = 0; k < g->config.credential[i].certificate_count; k++)
            size += g->config.credential[i].certificates[k].size + 6;
    }
    if (!udp || size <= GCKS_DATAGRAM)
        return true;
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "token-size",
                     "a Key Download with this token has up to %zu octets, a datagram takes %d; "
                     "have members register by TCP",
                     size, GCKS_DATAGRAM);
}

static bool check_rekey(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(loaded->rules);
    struct rules_verdict verdict;

    if (!terms->rekeys)
        return true;
    if (terms->post.size)
        return not_run(why, "rekey reliability by posting");
    if (terms->autonomous)
        return not_run(why, "autonomous subordinates");
    if (!check_signer(g, terms->rekey_signature, why))
        return false;
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if (!rules_rekey(loaded->rules, terms->mechanism[i].registration,
                         self_of(g, terms->rekey_signature), &verdict))
            return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-rekey-authority",
                             "this server may not rekey by the token: %.180s", verdict.rule);
    }
    return true;
}

bool gcks_can_serve(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    const struct rules_terms *terms = rules_terms(loaded->rules);

    if (!rules_can_run(loaded->rules, true, why))
        return false;
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if (!check_mechanism(g, loaded, &terms->mechanism[i], why))
            return false;
    }
    return check_size(g, loaded, why) && check_rekey(g, loaded, why);
}
