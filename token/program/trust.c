/* SPDX-License-Identifier: Apache-2.0 */
#include "token/program/trust.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "token/der.h"
#include "token/mechanism.h"
#include "token/name.h"

#define SKEW 300 /* wire profile 4.7 */

/* --- options ------------------------------------------------------------------------ */

static int take_file(bool (*load)(const char *path, struct list *to, struct gk_reason *why),
                     const char *path, struct list *to)
{
    struct gk_reason why = {0};

    return load(path, to, &why) ? DONE : complain_of(path, &why);
}

/* In the words of the daemons' setting. */
static int take_mechanism(struct trust *trust, const struct command *command, const char *value)
{
    struct gk_reason why = {0};

    if (trust->mechanism_count == TRUST_MECHANISMS)
        return misused(command, "--mechanism may be given %d times", TRUST_MECHANISMS);
    return token_mechanism_parse(value, &trust->mechanism[trust->mechanism_count++], &why)
               ? DONE
               : misused(command, "--mechanism: %s", why.text);
}

int trust_take(struct trust *trust, const struct command *command, int option, const char *value)
{
    switch (option) {
    case TRUST_OWNER:
        trust->owner = value;
        return DONE;
    case TRUST_OWNER_CA:
        trust->owner_ca = value;
        return DONE;
    case TRUST_OWNER_CERT:
        trust->owner_cert = value;
        return DONE;
    case TRUST_SUITE_1:
        trust->tolerate_suite_1 = true;
        return DONE;
    case TRUST_UNKNOWN:
        trust->tolerate_unknown_protocols = true;
        return DONE;
    case TRUST_MECHANISM:
        return take_mechanism(trust, command, value);
    case 'r':
        return take_file(load_certificates, value, &trust->roots) == DONE ? DONE : NOT_RUN;
    case 'c':
        return take_file(load_crls, value, &trust->crls) == DONE ? DONE : NOT_RUN;
    case 'l':
        trust->last = value;
        return DONE;
    case 'a':
        trust->at = value;
        return DONE;
    case '?':
        return misused(command, "an option is wrong");
    default:
        return TRUST_OTHER;
    }
}

/* An owner is one somebody: no value of its name is a lone star (profile 11.7, 11.19). */
static bool has_wildcard(const char *name)
{
    for (const char *at = strstr(name, "=*"); at; at = strstr(at + 1, "=*")) {
        if (!at[2] || strchr(",+", at[2]))
            return true;
    }
    return false;
}

/* The first certificate of a file. */
static bool first_of(const char *path, struct gk_secret *to, struct gk_reason *why)
{
    struct list list = {0};
    bool good = load_certificates(path, &list, why);

    if (good)
        *to = gk_secret_copy(gk_secret_octets(&list.value[0]));
    list_free(&list);
    return good;
}

/* What tells owners of one name apart (profile 4.8). */
static bool pin_owner(struct trust *trust, struct gk_reason *why)
{
    struct load_policy *policy = &trust->policy;
    struct gk_secret certificate = {0};
    bool good = true;

    if (trust->owner_ca) {
        good = first_of(trust->owner_ca, &certificate, why) &&
               pki_key_id_of(gk_secret_octets(&certificate), policy->owner_ca, why);
        policy->has_owner_ca = true;
        gk_secret_free(&certificate);
    }
    if (good && trust->owner_cert) {
        good = first_of(trust->owner_cert, &certificate, why);
        gk_sha256(gk_secret_octets(&certificate), policy->owner_fingerprint);
        policy->has_owner_fingerprint = true;
        gk_secret_free(&certificate);
    }
    return good;
}

static int prepare_owner(struct trust *trust, const struct command *command)
{
    struct gk_writer key = {0};
    struct gk_reason why = {0};
    bool is_name = name_key(gk_octets_of(trust->owner), &key, &why);

    gk_writer_free(&key);
    if (!is_name)
        return misused(command, "--owner: %s", why.text);
    if (has_wildcard(trust->owner))
        return misused(command, "--owner takes no wildcard");
    if (trust->roots.count > 1 && !trust->owner_ca && !trust->owner_cert)
        return misused(command, "with several roots the owner's name alone does not tell who it "
                                "is, --owner-ca or --owner-cert is needed");
    if (!pin_owner(trust, &why))
        return misused(command, "%s", why.text);
    trust->policy.owner = gk_octets_of(trust->owner);
    return DONE;
}

int trust_prepare(struct trust *trust, const struct command *command)
{
    struct gk_reason why = {0};

    if (!current_time(trust->at, &trust->now, &why))
        return misused(command, "%s", why.text);
    list_octets(&trust->roots, trust->root);
    list_octets(&trust->crls, trust->crl);
    trust->policy.trust = (struct pki_trust){.roots = trust->root,
                                             .root_count = trust->roots.count,
                                             .crls = trust->crl,
                                             .crl_count = trust->crls.count,
                                             .tolerate_sha1 = trust->tolerate_suite_1};
    trust->policy.local.tolerate_suite_1 = trust->tolerate_suite_1;
    trust->policy.local.tolerate_unknown_protocols = trust->tolerate_unknown_protocols;
    trust->policy.local.mechanisms = trust->mechanism;
    trust->policy.local.mechanism_count = trust->mechanism_count;
    trust->policy.skew = SKEW;
    return trust->owner ? prepare_owner(trust, command) : DONE;
}

/* --- tokens ------------------------------------------------------------------------- */

/* The token names its group: whose it is follows from the owner. A name that no Group ID holds
 * is left for load_token to refuse. */
static bool group_of(struct gk_octets content, struct gk_group *group, struct gk_reason *why)
{
    struct token *token = token_from_der(content, why);

    if (!token)
        return false;
    *group = (struct gk_group){.type = 2};
    if (token->group_name.size && token->group_name.size <= sizeof group->value) {
        group->size = (uint8_t)token->group_name.size;
        memcpy(group->value, token->group_name.data, group->size);
    }
    token_free(token);
    return true;
}

static bool open_envelope(struct gk_octets file, struct cms *cms, struct gk_reason *why)
{
    return cms_verify(cms, file, why) ||
           token_kind_explain(file, TOKEN_KIND_SIGNED, "a signed token", why);
}

bool trust_group(struct trust *trust, struct gk_octets signed_token, struct gk_reason *why)
{
    struct cms cms;

    return cms_verify(&cms, signed_token, why) && group_of(cms.content, &trust->policy.group, why);
}

static bool mark_of(struct trust *trust, struct gk_octets file, struct gk_reason *why)
{
    struct gk_writer name = {0};
    struct gk_group group;
    struct token *token;
    struct cms cms;
    bool same;

    if (!open_envelope(file, &cms, why) || !group_of(cms.content, &group, why))
        return false;
    same = name_of_certificate(cms.signer, &name, NULL) &&
           name_equal(gk_writer_octets(&name), trust->policy.owner) &&
           gk_octets_equal(gk_group_value(&group), gk_group_value(&trust->policy.group));
    gk_writer_free(&name);
    if (!same)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-last",
                         "%s: the token is of another group or owner", trust->last);
    token = token_from_der(cms.content, why);
    if (!token)
        return false;
    trust->mark =
        (struct load_mark){true, token->has_edition, token->edition, cms.signing_time, {0}};
    token_free(token);
    gk_sha256(file, trust->mark.hash);
    return true;
}

bool trust_last(struct trust *trust, struct gk_reason *why)
{
    struct gk_secret file = {0};
    bool good = load_file(trust->last, &file, why) && mark_of(trust, gk_secret_octets(&file), why);

    gk_secret_free(&file);
    return good;
}

void trust_free(struct trust *trust)
{
    list_free(&trust->roots);
    list_free(&trust->crls);
    free(trust);
}
