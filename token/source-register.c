/* SPDX-License-Identifier: Apache-2.0 */
/* <registration> (RFC 4534 B.1), and what all elements of protocols share. */
#include "token/protocol.h"
#include "token/source-part.h"

#include <string.h>

static const char *const transports[] = {"tcp", "udp", "udp-rtj-tcp-other", NULL};

/* --- what all protocols share ---------------------------------------------- */

static bool opaque(struct source *source, const xmlNode *at, const char *oid_name,
                   const char *info_name, const char **oid, struct gk_octets *info)
{
    if (!source_has(at, oid_name))
        return !source_has(at, info_name) ||
               source_refuse(source, at, "source-combination",
                             "<%s> has %s without %s; expected both", (const char *)at->name,
                             info_name, oid_name);
    if (!source_has(at, info_name))
        return source_refuse(source, at, "source-combination",
                             "<%s> has %s without %s; expected both", (const char *)at->name,
                             oid_name, info_name);
    return source_oid(source, at, oid_name, oid) &&
           source_octets(source, at, info_name, TOKEN_MAX, info);
}

bool source_has_words(const char *oid)
{
    static const char *const known[] = {TOKEN_OID_METHOD_NONE,      TOKEN_OID_METHOD_LKH,
                                        TOKEN_OID_RELIABILITY_NONE, TOKEN_OID_RELIABILITY_RESEND,
                                        TOKEN_OID_RELIABILITY_POST, TOKEN_OID_SCHEME_NONE,
                                        TOKEN_OID_SCHEME_AUTONOMOUS};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i], oid) == 0)
            return true;
    }
    return false;
}

bool source_other(struct source *source, const xmlNode *at, const char *oid_name,
                  const char *info_name, const char **oid, struct gk_octets *info)
{
    if (!opaque(source, at, oid_name, info_name, oid, info))
        return false;
    return !source_has_words(*oid) ||
           source_refuse_value(source, at, oid_name,
                               "another identifier, since this one has words of its own");
}

static bool says_only(struct source *source, const xmlNode *at, const char *const *allowed)
{
    for (const xmlAttr *attribute = at->properties; attribute; attribute = attribute->next) {
        size_t i = 0;

        while (allowed[i] && strcmp(allowed[i], (const char *)attribute->name) != 0)
            i++;
        if (!allowed[i])
            return source_refuse(source, at, "source-combination",
                                 "<%s> has %s besides %s; expected one of them",
                                 (const char *)at->name, (const char *)attribute->name, allowed[0]);
    }
    return true;
}

/* A protocol that this version knows may stand there as octets too: its DER says what its
 * elements cannot. */
static bool known(struct source *source, const xmlNode *at, enum token_protocol_kind place,
                  struct token_protocol *to)
{
    struct gk_reason why = {0};
    struct gk_octets info = to->info;
    const char *oid = to->oid;

    return token_protocol_from_info(source->token, place, oid, info, to, &why) ||
           source_refuse(
               source, at, "source-info",
               "<%s> has oid=\"%s\", %s, and info that is none: %.100s; expected its DER, "
               "or its elements instead of both",
               (const char *)at->name, oid, token_protocol_row(place)->name, why.text);
}

bool source_protocol(struct source *source, const xmlNode *at, enum token_protocol_kind place,
                     struct token_protocol *to, bool *told)
{
    static const char *const none[] = {"none", NULL};
    static const char *const alone[] = {"protocol", NULL};
    static const char *const other[] = {"oid", "info", NULL};
    size_t choice;

    *told = false;
    if (source_has(at, "protocol")) {
        to->kind = TOKEN_PROTOCOL_NONE;
        *told = true;
        return source_choice(source, at, "protocol", none, &choice) && says_only(source, at, alone);
    }
    to->kind = TOKEN_PROTOCOL_OPAQUE;
    if (!opaque(source, at, "oid", "info", &to->oid, &to->info))
        return false;
    *told = to->oid != NULL;
    return !*told || (says_only(source, at, other) &&
                      (!token_protocol_knows(place, to->oid) || known(source, at, place, to)));
}

bool source_no_children(struct source *source, const xmlNode *at)
{
    return !source_children(at) ||
           source_refuse(source, at, "source-combination",
                         "<%s> is no GSAKMP protocol and holds elements; expected none",
                         (const char *)at->name);
}

/* --- registration ------------------------------------------------------------ */

static bool read_subordinates(struct source *source, const xmlNode *at, struct token_register *to)
{
    const xmlNode *list = source_child(at, "subordinates");

    if (!list)
        return true;
    to->has_sub_gcks = true;
    if (!source_none_alone(source, list))
        return false;
    if (source_says_none(list))
        return true;
    for (; list; list = source_next(list)) {
        struct token_pairs *pairs =
            token_append(source->token, (void **)&to->sub_gcks, &to->sub_gcks_count, sizeof *pairs);

        if (!source_pairs(source, list, "subordinate", pairs))
            return false;
    }
    return true;
}

static bool read_senders(struct source *source, const xmlNode *at, struct token_register *to)
{
    const xmlNode *senders = source_child(at, "senders");

    to->senders_limited = senders != NULL;
    return !senders || source_pairs(source, senders, "sender", &to->senders);
}

/* "none", or levels from 1 to 9 with blanks between. */
static bool read_permissions(struct source *source, const xmlNode *at, struct token_access *to)
{
    const char *text = source_attribute(at, "permissions");

    if (!text)
        return true;
    to->has_permissions = true;
    if (strcmp(text, "none") == 0)
        return true;
    for (;; text += 2) {
        int64_t *level;

        if (*text < '1' || *text > '9' || (text[1] && (text[1] != ' ' || !text[2])))
            return source_refuse_value(source, at, "permissions", "levels from 1 to 9 as \"3 5\"");
        level = token_append(source->token, (void **)&to->permissions, &to->permission_count,
                             sizeof *level);
        *level = *text - '0';
        if (!text[1])
            return true;
    }
}

static bool read_access(struct source *source, const xmlNode *registration,
                        struct token_register *to)
{
    const xmlNode *at = source_child(registration, "access");

    if (!at)
        return source_refuse(source, registration, "source-missing",
                             "<registration> holds no <access>; expected one or more <access>, "
                             "or <access none=\"yes\"/>");
    if (!source_none_alone(source, at))
        return false;
    for (; at && !source_says_none(at); at = source_next(at)) {
        struct token_access *access =
            token_append(source->token, (void **)&to->access, &to->access_count, sizeof *access);

        access->place = source_place(at);
        if (!read_permissions(source, at, access) ||
            !source_pairs(source, at, "allow", &access->access_rule))
            return false;
        access->has_exclusions = source_child(at, "exclude") != NULL;
        if (access->has_exclusions &&
            !source_pairs(source, at, "exclude", &access->exclusions_rule))
            return false;
    }
    return true;
}

static bool read_mechanisms(struct source *source, const xmlNode *registration,
                            struct token_register *to)
{
    const xmlNode *at = source_child(registration, "mechanism");

    if (!at) {
        struct token_mechanism *only = token_append(source->token, (void **)&to->mechanisms,
                                                    &to->mechanism_count, sizeof *only);

        source_default_mechanism(only);
        only->place = source_place(registration);
        return true;
    }
    if (!source_none_alone(source, at))
        return false;
    for (; at && !source_says_none(at); at = source_next(at)) {
        if (!source_read_mechanism(source, at,
                                   token_append(source->token, (void **)&to->mechanisms,
                                                &to->mechanism_count, sizeof *to->mechanisms)))
            return false;
    }
    return true;
}

static bool read_register(struct source *source, const xmlNode *at, struct token_register *to)
{
    size_t transport = TOKEN_UDP;

    if (!source_choice(source, at, "transport", transports, &transport))
        return false;
    to->transport = (enum token_transport)transport;
    return source_pairs(source, at, "gcks", &to->gcks) && read_subordinates(source, at, to) &&
           read_senders(source, at, to) && read_access(source, at, to) &&
           read_mechanisms(source, at, to);
}

static bool read_registration(struct source *source, const xmlNode *at,
                              struct token_registration *to)
{
    bool told;

    to->join.place = to->leave.place = source_place(at);
    if (!source_protocol(source, at, TOKEN_PROTOCOL_REGISTER, &to->join, &told))
        return false;
    if (told) {
        const xmlNode *leave = source_child(at, "de-registration");

        if (source_children(at) != (leave != NULL))
            return source_refuse(source, at, "source-combination",
                                 "<registration> is no GSAKMP protocol and holds elements; "
                                 "expected <de-registration> or none");
    } else {
        to->join.kind = TOKEN_PROTOCOL_REGISTER;
        to->join.oid = TOKEN_OID_REGISTER;
        to->join.registration = token_alloc(source->token, 1, sizeof *to->join.registration);
        if (!read_register(source, at, to->join.registration))
            return false;
    }
    return source_read_deregistration(source, at, to);
}

bool source_read_registrations(struct source *source, const xmlNode *policy)
{
    struct token *token = source->token;
    const xmlNode *at = source_child(policy, "registration");

    if (!at)
        return source_refuse(source, policy, "source-missing",
                             "<policy> holds no <registration>; expected one or more "
                             "<registration>, or <registration none=\"yes\"/>");
    if (!source_none_alone(source, at))
        return false;
    for (; at && !source_says_none(at); at = source_next(at)) {
        if (!read_registration(source, at,
                               token_append(token, (void **)&token->registrations,
                                            &token->registration_count,
                                            sizeof *token->registrations)))
            return false;
    }
    return true;
}
