/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes: what travels with the token, and whether it fits (profile 1.2, 11.17). */
#include "gsakmp/lkh.h"
#include "roles/lint-parts.h"
#include "roles/sizes.h"

/* What is not known before the token is signed and the server is there. */
#define ENVELOPE       1500 /* one certificate, one intermediate, the signature */
#define ENVELOPE_LEAST 700
#define NAME           80
#define CERTIFICATE    800
#define DEGREE         4

#define PACKET 1452 /* octets of UDP in a packet of 1500 under IPv6 */
#define ROOMY  (TOKEN_MAX / 10 * 9)

static size_t signed_size(const struct lint_subject *subject)
{
    return subject->size + (subject->is_signed ? 0 : ENVELOPE);
}

/* By one Ed25519 certificate, not to raise alarm over what is not there yet. */
static size_t likely_size(const struct lint_subject *subject)
{
    return subject->size + (subject->is_signed ? 0 : ENVELOPE_LEAST);
}

/* One with an intermediate. */
static struct sizes_server some_server(const struct lint_subject *subject)
{
    return (struct sizes_server){subject->token->group_name.size, NAME,
                                 2 * sizes_certificate(CERTIFICATE)};
}

/* Of a tree that has just enough leaves. */
static size_t depth_for(size_t members)
{
    size_t depth = 1;

    for (size_t leaves = DEGREE; leaves < members; leaves *= DEGREE)
        depth++;
    return depth;
}

static struct finding_spot transport_spot(const struct lint_subject *subject, size_t registration)
{
    return finding_spot(&subject->token->registrations[registration].join.place,
                        "registration[%zu].register.transport", registration);
}

static size_t members_of(const struct lint_context *context)
{
    return context->members ? context->members : LINT_MEMBERS;
}

/* --- Key Downloads ---------------------------------------------------------------------- */

static void find_download(const struct lint_subject *subject, const struct lint_context *context,
                          const struct rules_mechanism *mechanism, struct findings *findings)
{
    const struct rules_terms *terms = rules_terms(subject->rules);
    struct sizes_server server = some_server(subject);
    size_t most = sizes_download_most(&server, signed_size(subject));
    size_t depth = depth_for(members_of(context));
    size_t usual = sizes_download(&server, terms, mechanism, likely_size(subject), depth);
    size_t registration = mechanism->registration;

    if (most > SIZES_DATAGRAM)
        finding_add(findings, "download-datagram", transport_spot(subject, registration),
                    "a Key Download with this token has up to %zu octets, a datagram takes %d",
                    most, SIZES_DATAGRAM);
    else if (likely_size(subject) > PACKET)
        finding_add(findings, "download-fragments", transport_spot(subject, registration),
                    "the signed token is longer than a packet: a Key Download to one of %zu "
                    "members has about %zu octets, which are %zu fragments",
                    members_of(context), usual, (usual + PACKET - 1) / PACKET);
}

/* Once a registration: by its first mechanism. */
static void find_downloads(const struct lint_subject *subject, const struct lint_context *context,
                           struct findings *findings)
{
    const struct rules_terms *terms = rules_terms(subject->rules);

    for (size_t i = 0; i < terms->mechanism_count; i++) {
        const struct rules_mechanism *mechanism = &terms->mechanism[i];

        if (mechanism->transport == TOKEN_UDP &&
            (!i || mechanism->registration != mechanism[-1].registration))
            find_download(subject, context, mechanism, findings);
    }
}

/* --- the token, and the group ------------------------------------------------------------- */

static void find_event(const struct lint_subject *subject, struct findings *findings)
{
    const struct rules_terms *terms = rules_terms(subject->rules);
    struct sizes_server server = some_server(subject);
    size_t size;

    if (!terms->rekeys)
        return;
    size = sizes_event_token(&server, terms->rekey_signature, signed_size(subject));
    if (size > SIZES_DATAGRAM)
        finding_add(findings, "event-datagram", finding_nowhere(),
                    "a Rekey Event with this token has about %zu octets, a datagram takes %d", size,
                    SIZES_DATAGRAM);
}

static void find_room(const struct lint_subject *subject, struct findings *findings)
{
    size_t size = signed_size(subject);

    if (size > ROOMY)
        finding_add(findings, "token-room", finding_nowhere(),
                    "the signed token has %s%zu of %d octets", subject->is_signed ? "" : "about ",
                    size, TOKEN_MAX);
}

static struct finding_spot rekey_spot(const struct lint_subject *subject, const char *part)
{
    size_t number = rules_terms(subject->rules)->rekey_number;

    return finding_spot(&subject->token->rekeys[number].place, "rekey[%zu].%s", number, part);
}

static void find_members(const struct lint_subject *subject, const struct lint_context *context,
                         struct findings *findings)
{
    const struct rules_terms *terms = rules_terms(subject->rules);
    size_t members = members_of(context);

    if (!terms->rekeys)
        return;
    if (terms->rekey->method == TOKEN_METHOD_LKH && members > GK_LKH_CAPACITY)
        finding_add(findings, "tree-capacity", rekey_spot(subject, "rekeyMethod"),
                    "the group is to have %zu members; a server's key tree takes %lu by default",
                    members, (unsigned long)GK_LKH_CAPACITY);
    if (terms->rekey_after > 0 && (uint64_t)terms->rekey_after > members)
        finding_add(findings, "after-events-many", rekey_spot(subject, "rekeyEventDef"),
                    "keys change after %lld departures, and the group is to have %zu members",
                    (long long)terms->rekey_after, members);
}

void lint_sizes(const struct lint_subject *subject, const struct lint_context *context,
                struct findings *findings)
{
    find_room(subject, findings);
    if (!subject->rules)
        return;
    find_downloads(subject, context, findings);
    find_event(subject, findings);
    find_members(subject, context, findings);
}
