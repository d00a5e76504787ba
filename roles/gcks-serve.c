/* SPDX-License-Identifier: Apache-2.0 */
/* What this server is, and whether it can run the group by a token: asked before the token comes
 * into force. */
#include "roles/gcks-internal.h"

#include <stdio.h>

const struct credential *gcks_credential_of(const struct gcks *g, uint16_t type)
{
    for (size_t i = 0; i < g->config.credential_count; i++) {
        if (g->config.credential[i].signer->type == type)
            return &g->config.credential[i];
    }
    return NULL;
}

static bool refuse_credentials(struct gk_reason *why, const struct pki_identity *a,
                               const struct pki_identity *b)
{
    char one[100];
    char other[100];

    if (gk_octets_equal(a->name_key, b->name_key))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                         "two of the server's certificates, both of %s, come from CAs with "
                         "different keys; members take one identity, its name and its CA",
                         gk_escape(one, sizeof one, a->name));
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                     "the server's certificates differ in subject: %s and %s; members take one "
                     "identity",
                     gk_escape(one, sizeof one, a->name), gk_escape(other, sizeof other, b->name));
}

/* A Key Download brings them all (profile 12.11), and takes so many (4.10). */
static bool check_certificates(const struct gcks_config *config, struct gk_reason *why)
{
    struct gk_octets there[CREDENTIALS_MOST * GK_MESSAGE_CERTIFICATES];
    size_t count = 0;

    for (size_t i = 0; i < config->credential_count; i++) {
        const struct credential *own = &config->credential[i];

        for (size_t k = 0; k < own->certificate_count && k < GK_MESSAGE_CERTIFICATES; k++) {
            size_t at = 0;

            while (at < count && !gk_octets_equal(there[at], own->certificates[k]))
                at++;
            if (at == count)
                there[count++] = own->certificates[k];
        }
    }
    return count <= GK_MESSAGE_CERTIFICATES ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                     "the server's keys have %zu certificates and intermediates, a message takes "
                     "%d; leave out intermediates that members have as roots, or keys",
                     count, GK_MESSAGE_CERTIFICATES);
}

bool gcks_know_self(struct gcks *g, struct gk_reason *why)
{
    const struct gcks_config *config = &g->config;

    if (!config->credential_count || config->credential_count > CREDENTIALS_MOST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                         "the server has %zu keys, 1 to %d are needed", config->credential_count,
                         CREDENTIALS_MOST);
    for (size_t i = 0; i < config->credential_count; i++) {
        const struct credential *own = &config->credential[i];

        if (gcks_credential_of(g, own->signer->type) != own)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                             "two of the server's keys sign with %s; one a signature type is "
                             "enough",
                             gk_signature_find(own->signer->type)->name);
        if (!pki_validate(&config->policy->trust, own->certificates, own->certificate_count, NULL,
                          0, g->now.utc, &g->self[i], why))
            return false;
        if (!pki_identity_same(g->self[0], g->self[i]))
            return refuse_credentials(why, g->self[0], g->self[i]);
    }
    return check_certificates(config, why);
}

static const struct pki_identity *self_of(const struct gcks *g, uint16_t type)
{
    const struct credential *credential = gcks_credential_of(g, type);

    return credential ? g->self[credential - g->config.credential] : NULL;
}

struct loaded *gcks_load(const struct gcks *g, struct gk_octets signed_token,
                         const struct load_mark *last, struct gk_reason *why)
{
    struct load_policy policy = *g->config.policy;

    policy.local.serves = true;
    return load_token(signed_token, &policy, last, g->now.utc, why);
}

static bool check_signer(const struct gcks *g, uint16_t type, const char *what,
                         struct gk_reason *why)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(type);

    if (gcks_credential_of(g, type))
        return true;
    return gk_refuse(why, GK_PROHIBITED_BY_GROUP_POLICY, GK_NO_OFFSET, "no-credential",
                     "%s asks for signatures with %s, and this server has no such key; configure "
                     "one",
                     what, scheme ? scheme->name : "an algorithm of no table");
}

/* Profile 6.7: every JoinMechanism is served; and this server is its gCKS. */
static bool check_mechanism(const struct gcks *g, const struct loaded *loaded, size_t index,
                            struct gk_reason *why)
{
    const struct rules_mechanism *mechanism = &rules_terms(loaded->rules)->mechanism[index];
    uint16_t type = mechanism->algorithms.signature;
    struct rules_verdict verdict;
    char what[40];

    (void)snprintf(what, sizeof what, "joinMechanism %zu of the token", index + 1);
    if (!check_signer(g, type, what, why))
        return false;
    if (rules_gcks(loaded->rules, mechanism->registration, self_of(g, type), &verdict))
        return true;
    return gk_refuse(why, GK_UNAUTHORIZED_REQUEST, GK_NO_OFFSET, "not-gcks",
                     "this server is not the token's GC/KS: %.180s", verdict.rule);
}

static size_t certificates_of(const struct credential *credential)
{
    size_t size = 0;

    for (size_t i = 0; i < credential->certificate_count; i++)
        size += sizes_certificate(credential->certificates[i].size);
    return size;
}

struct sizes_server gcks_sizes(const struct gcks *g, uint16_t signature)
{
    return (struct sizes_server){g->group.size, g->self[0]->name.size,
                                 certificates_of(gcks_credential_of(g, signature))};
}

/* By UDP a Key Download is one datagram (profile 1.2). */
static bool check_size(const struct gcks *g, const struct loaded *loaded, struct gk_reason *why)
{
    struct sizes_server server = {g->group.size, g->self[0]->name.size, 0};
    size_t size;

    for (size_t i = 0; i < g->config.credential_count; i++)
        server.certificates += certificates_of(&g->config.credential[i]);
    size = sizes_download_most(&server, loaded->octets.size);
    if (!sizes_by_datagram(rules_terms(loaded->rules)) || size <= GCKS_DATAGRAM)
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
    if (!check_signer(g, terms->rekey_signature, "the token's rekey", why))
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

    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if (!check_mechanism(g, loaded, i, why))
            return false;
    }
    return check_size(g, loaded, why) && check_rekey(g, loaded, why);
}
