/* SPDX-License-Identifier: Apache-2.0 */
/* <de-registration> (RFC 4534 B.3), or what follows from its registration. */
#include "token/source-part.h"

#include <string.h>

/* The least that a leave mechanism, a pair and a join mechanism take in DER: more of them than that
 * allows are refused before they are compared with one another. */
#define LEAVES_MOST     (TOKEN_MAX / 10)
#define PAIRS_MOST      (TOKEN_MAX / 11)
#define MECHANISMS_MOST (TOKEN_MAX / 3)

struct authorities {
    struct gk_octets *at;
    size_t count;
};

static void add_authorities(struct source *source, struct authorities *to,
                            const struct token_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count && to->count <= PAIRS_MOST; i++) {
        struct gk_octets *fresh;
        size_t have = 0;

        while (have < to->count && !gk_octets_equal(to->at[have], pairs->at[i].ca))
            have++;
        if (have < to->count)
            continue;
        fresh = token_append(source->token, (void **)&to->at, &to->count, sizeof *fresh);
        *fresh = pairs->at[i].ca;
    }
}

/* Those of servers, subordinates and members, each once. */
static struct authorities authorities_of(struct source *source, const struct token_register *from)
{
    struct authorities all = {NULL, 0};

    add_authorities(source, &all, &from->gcks);
    for (size_t list = 0; list < from->sub_gcks_count; list++)
        add_authorities(source, &all, &from->sub_gcks[list]);
    for (size_t entry = 0; entry < from->access_count; entry++)
        add_authorities(source, &all, &from->access[entry].access_rule);
    return all;
}

static bool is_plain(const struct token_mechanism *mechanism)
{
    return !mechanism->suite || strcmp(mechanism->suite, TOKEN_OID_SUITE_1) == 0;
}

/* Does an earlier mechanism sign and hash in the same way? */
static bool told_before(const struct token_register *from, size_t index)
{
    const struct token_mechanism *mechanism = &from->mechanisms[index];

    for (size_t i = 0; i < index; i++) {
        const struct token_mechanism *other = &from->mechanisms[i];

        if (is_plain(other) && other->signature == mechanism->signature &&
            other->nonce_hash == mechanism->nonce_hash)
            return true;
    }
    return false;
}

static bool too_many(struct source *source, const xmlNode *registration)
{
    return source_refuse(source, registration, "source-count",
                         "<registration> has more leave mechanisms to follow from it than a token "
                         "can hold; expected a <de-registration> that names some");
}

/* Each mechanism of the registration with each authority of servers, subordinates and members:
 * a leave mechanism's authority applies to all signers (profile 12.10). */
static bool derive_leaves(struct source *source, const xmlNode *registration,
                          struct token_deregister *to, const struct token_register *from)
{
    struct authorities all = authorities_of(source, from);

    if (all.count > PAIRS_MOST || from->mechanism_count > MECHANISMS_MOST)
        return too_many(source, registration);
    for (size_t i = 0; i < from->mechanism_count; i++) {
        const struct token_mechanism *mechanism = &from->mechanisms[i];

        if (!is_plain(mechanism) || told_before(from, i))
            continue;
        for (size_t ca = 0; ca < all.count; ca++) {
            struct token_leave_mechanism *fresh = token_append(
                source->token, (void **)&to->mechanisms, &to->mechanism_count, sizeof *fresh);

            *fresh = (struct token_leave_mechanism){mechanism->signature, mechanism->nonce_hash,
                                                    all.at[ca], source_place(registration)};
            if (to->mechanism_count > LEAVES_MOST)
                return too_many(source, registration);
        }
    }
    return true;
}

static bool read_leave(struct source *source, const xmlNode *at, const struct token_mechanism *like,
                       struct token_deregister *to)
{
    struct token_leave_mechanism *leave =
        token_append(source->token, (void **)&to->mechanisms, &to->mechanism_count, sizeof *leave);

    leave->place = source_place(at);
    if (!like && !(source_has(at, "signature") && source_has(at, "nonce-hash")))
        return source_refuse(source, at, "source-missing",
                             "<leave> has no signature and nonce-hash, and the registration names "
                             "no mechanism to take them from; expected both");
    if (like) {
        leave->signature = like->signature;
        leave->nonce_hash = like->nonce_hash;
    }
    return source_algorithm(source, at, "signature", GK_REGISTRY_SIGNATURE, &leave->signature) &&
           source_algorithm(source, at, "nonce-hash", GK_REGISTRY_NONCE_HASH, &leave->nonce_hash) &&
           source_ca_of(source, at, &leave->ca);
}

static bool read_leaves(struct source *source, const xmlNode *first,
                        const struct token_mechanism *like, struct token_deregister *to)
{
    if (!source_none_alone(source, first))
        return false;
    if (source_says_none(first))
        return true;
    for (const xmlNode *at = first; at; at = source_next(at)) {
        if (!read_leave(source, at, like, to))
            return false;
    }
    return true;
}

static bool read_options(struct source *source, const xmlNode *at, struct token_deregister *to)
{
    static const char *const transports[] = {"tcp", "udp", NULL};
    static const char *const modes[] = {"verbose", "terse", "unwritten", NULL};
    size_t transport = to->transport;
    size_t mode = to->terse;

    if (!source_choice(source, at, "transport", transports, &transport) ||
        !source_choice(source, at, "mode", modes, &mode))
        return false;
    to->transport = (enum token_transport)transport;
    to->has_terse = mode < 2;
    to->terse = mode == 1;
    return true;
}

static struct token_deregister *make(struct source *source, struct token_protocol *to,
                                     const struct token_register *from)
{
    const struct token_mechanism *like = from ? source_first_mechanism(from) : NULL;

    to->kind = TOKEN_PROTOCOL_DEREGISTER;
    to->oid = TOKEN_OID_DEREGISTER;
    to->deregistration = token_alloc(source->token, 1, sizeof *to->deregistration);
    to->deregistration->has_terse = true;
    to->deregistration->terse = !like || like->terse;
    to->deregistration->transport = from && from->transport == TOKEN_UDP ? TOKEN_UDP : TOKEN_TCP;
    return to->deregistration;
}

bool source_read_deregistration(struct source *source, const xmlNode *registration,
                                struct token_registration *to)
{
    const struct token_register *from =
        to->join.kind == TOKEN_PROTOCOL_REGISTER ? to->join.registration : NULL;
    const xmlNode *at = source_child(registration, "de-registration");
    const xmlNode *leave = at ? source_child(at, "leave") : NULL;
    struct token_deregister *made;
    bool told = false;

    if (!at && !from)
        return true; /* none, as the registration */
    to->leave.place = source_place(at ? at : registration);
    if (at && !source_protocol(source, at, TOKEN_PROTOCOL_DEREGISTER, &to->leave, &told))
        return false;
    if (told)
        return source_no_children(source, at);
    made = make(source, &to->leave, from);
    if (at && !read_options(source, at, made))
        return false;
    if (leave)
        return read_leaves(source, leave, from ? source_first_mechanism(from) : NULL, made);
    if (!from)
        return source_refuse(source, at, "source-missing",
                             "<de-registration> holds no <leave>, and its registration is no "
                             "GSAKMP protocol to take them from; expected one or more <leave>");
    return derive_leaves(source, registration, made, from);
}
