/* SPDX-License-Identifier: Apache-2.0 */
/* Which mechanism a member uses, and with which of its credentials (profile 6.1, 6.7). */
#include "roles/member-internal.h"

#include "token/name.h"

/* --- credentials ------------------------------------------------------------------------- */

static bool read_own(struct member_own *own, const struct credential *credential,
                     struct gk_reason *why)
{
    struct gk_writer name = {0};
    struct gk_writer id = {0};

    if (!credential->certificate_count)
        return gk_refuse(why, GK_CERTIFICATE_UNAVAILABLE, GK_NO_OFFSET, "own-certificate",
                         "no certificate of this member is configured");
    if (!name_of_certificate(credential->certificates[0], &name, why))
        return false;
    gk_write_u8(&id, GK_ID_DN_STRING);
    gk_write_octets(&id, gk_writer_octets(&name));
    own->name = gk_writer_take(&name);
    own->id = gk_writer_take(&id);
    return true;
}

static size_t credential_of_type(const struct member_config *config, uint16_t signature)
{
    size_t at = 0;

    while (at < config->credential_count && config->credential[at].signer->type != signature)
        at++;
    return at;
}

size_t member_credential_of(const struct member *member, const struct gk_mechanism *mechanism)
{
    return credential_of_type(&member->config, mechanism->signature);
}

static const char *scheme_name(uint16_t type)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(type);

    return scheme ? scheme->name : "another algorithm";
}

static bool refuse_key(const struct member_config *config, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "key-and-mechanism",
                     "the configured key signs with %s%s, the mechanism asks for %s; take a key "
                     "and certificate that fit, or another mechanism",
                     scheme_name(config->credential[0].signer->type),
                     config->credential_count > 1 ? " (and there are others)" : "",
                     scheme_name(config->mechanism.signature));
}

bool member_own_names(struct member *member, struct gk_reason *why)
{
    const struct member_config *config = &member->config;

    if (!config->credential_count || config->credential_count > CREDENTIALS_MOST)
        return gk_refuse(why, GK_CERTIFICATE_UNAVAILABLE, GK_NO_OFFSET, "own-certificate",
                         "this member has %zu keys, 1 to %d are needed", config->credential_count,
                         CREDENTIALS_MOST);
    for (size_t i = 0; i < config->credential_count; i++) {
        uint16_t type = config->credential[i].signer->type;

        if (credential_of_type(config, type) != i)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "credentials",
                             "two of this member's keys sign with %s; which one counts?",
                             scheme_name(type));
        if (!read_own(&member->own[i], &config->credential[i], why))
            return false;
    }
    return member_credential_of(member, &config->mechanism) < config->credential_count ||
           refuse_key(config, why);
}

void member_own_drop(struct member *member)
{
    for (size_t i = 0; i < CREDENTIALS_MOST; i++) {
        gk_secret_free(&member->own[i].name);
        gk_secret_free(&member->own[i].id);
    }
}

/* --- mechanisms ---------------------------------------------------------------------------- */

static bool can_use(const struct member *member, const struct gk_mechanism *mechanism)
{
    return gk_mechanism_runs(mechanism, NULL) &&
           member_credential_of(member, mechanism) < member->config.credential_count;
}

/* A token's terms list only what local policy allows. Without nonces nobody registers who has
 * not been configured to receive only (profile 12.12). */
bool member_may_use(const struct member *member, const struct rules_mechanism *mechanism)
{
    return !mechanism->timestamp && can_use(member, &mechanism->algorithms);
}

/* The candidates: the configured one, then those of the list. */
static const struct gk_mechanism *candidate(const struct member *member, size_t at)
{
    return at ? &member->config.policy->local.mechanisms[at - 1] : &member->config.mechanism;
}

static size_t position(const struct member *member)
{
    size_t at = 0;

    while (at <= member->config.policy->local.mechanism_count &&
           !gk_mechanism_equal(candidate(member, at), &member->mechanism))
        at++;
    return at;
}

bool member_next_mechanism(struct member *member)
{
    if (member->raised)
        return false;
    for (size_t at = position(member) + 1; at <= member->config.policy->local.mechanism_count;
         at++) {
        if (gk_mechanism_equal(candidate(member, at), &member->config.mechanism) ||
            !can_use(member, candidate(member, at)))
            continue;
        member->mechanism = *candidate(member, at);
        return true;
    }
    member->mechanism = member->config.mechanism;
    return false;
}

void member_raise(struct member *member, const struct gk_mechanism *mechanism)
{
    member->mechanism = *mechanism;
    member->raised = true;
}
