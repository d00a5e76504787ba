/* SPDX-License-Identifier: Apache-2.0 */
/* GSAKMPv1RekeyInfo (RFC 4534 B.5, B.6). */
#include <string.h>

#include "token/der-write.h"
#include "token/protocol.h"

/* {OBJECT IDENTIFIER, OCTET STRING}: rekeyMethod, reliability, subGCKSInfo. */
struct variant {
    const char *oid;
    struct gk_octets info;
};

/* An OID that this version knows in a variant's place. */
struct known {
    const char *oid;
    int value;        /* in the model, 0 being its OTHER */
    const char *type; /* of the info in the module, NULL for those that say nothing */
};

static const struct known methods[] = {
    {TOKEN_OID_METHOD_NONE, TOKEN_METHOD_NONE, NULL},
    {TOKEN_OID_METHOD_LKH, TOKEN_METHOD_LKH, "RekeyMethodGSAKMPLKHInfo"},
    {0}};
static const struct known reliabilities[] = {
    {TOKEN_OID_RELIABILITY_NONE, TOKEN_RELIABILITY_NONE, NULL},
    {TOKEN_OID_RELIABILITY_RESEND, TOKEN_RELIABILITY_RESEND, "ReliabilityResendInfo"},
    {TOKEN_OID_RELIABILITY_POST, TOKEN_RELIABILITY_POST, "ReliabilityContentPost"},
    {0}};
static const struct known schemes[] = {
    {TOKEN_OID_SCHEME_NONE, TOKEN_SCHEME_NONE, NULL},
    {TOKEN_OID_SCHEME_AUTONOMOUS, TOKEN_SCHEME_AUTONOMOUS, "SGCKSAutonomous"},
    {0}};

/* The last row, all zeros, when unknown. */
static const struct known *known_by_oid(const struct known *known, const char *oid)
{
    while (known->oid && strcmp(known->oid, oid) != 0)
        known++;
    return known;
}

static const struct known *known_by_value(const struct known *known, int value)
{
    while (known->oid && known->value != value)
        known++;
    return known;
}

/* Enters the variant and its OCTET STRING; the caller leaves both. */
static struct gk_reader enter_variant(struct token_reading *reading, struct gk_reader *sequence,
                                      const char *oid_name, const char *info_name, const char **oid,
                                      struct gk_octets *info)
{
    struct gk_reader octets;

    *oid = token_read_oid(reading, sequence, DER_OID, oid_name);
    octets = der_enter(&reading->in, sequence, DER_OCTET_STRING, info_name);
    *info = token_octets(reading->token, gk_octets(octets.data, octets.size));
    return octets;
}

static void leave_variant(struct token_reading *reading, struct gk_reader *sequence,
                          struct gk_reader *octets, const struct known *known,
                          struct gk_octets info)
{
    der_leave(&reading->in, octets);
    if (known->type)
        token_read_fits(reading, ASN1_REKEY, known->type, info, octets->base);
    der_leave(&reading->in, sequence);
}

/* A NULL info is 05 00, or empty (wire profile 11.11). */
static void read_null_info(struct token_reading *reading, struct gk_reader *octets)
{
    if (der_more(&reading->in, octets))
        der_read_null(&reading->in, octets, DER_NULL, "");
}

static void read_method(struct token_reading *reading, struct gk_reader *reader,
                        struct token_rekey *rekey)
{
    struct der_in *in = &reading->in;
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, "rekeyMethod");
    struct gk_reader octets =
        enter_variant(reading, &sequence, "rekeyMethodType", "rekeyMethodInfo", &rekey->method_oid,
                      &rekey->method_info);
    const struct known *known = known_by_oid(methods, rekey->method_oid);

    rekey->method = (enum token_rekey_method)known->value;
    switch (rekey->method) {
    case TOKEN_METHOD_NONE:
        read_null_info(reading, &octets);
        break;
    case TOKEN_METHOD_LKH:
        rekey->lkh_key_type = der_read_integer(in, &octets, DER_INTEGER, "");
        break;
    case TOKEN_METHOD_OTHER:
        (void)gk_read_rest(&octets);
        break;
    }
    leave_variant(reading, &sequence, &octets, known, rekey->method_info);
}

static void read_reliability(struct token_reading *reading, struct gk_reader *reader,
                             struct token_rekey *rekey)
{
    struct der_in *in = &reading->in;
    struct gk_reader sequence = der_enter(in, reader, DER_SEQUENCE, "reliability");
    struct gk_reader octets =
        enter_variant(reading, &sequence, "reliabilityMechanism", "reliabilityMechContent",
                      &rekey->reliability_oid, &rekey->reliability_info);
    const struct known *known = known_by_oid(reliabilities, rekey->reliability_oid);

    rekey->reliability = (enum token_reliability)known->value;
    switch (rekey->reliability) {
    case TOKEN_RELIABILITY_NONE:
        read_null_info(reading, &octets);
        break;
    case TOKEN_RELIABILITY_RESEND:
        rekey->resend = der_read_integer(in, &octets, DER_INTEGER, "");
        break;
    case TOKEN_RELIABILITY_POST:
        rekey->post =
            token_octets(reading->token, der_read(in, &octets, DER_IA5_STRING, DER_IA5_STRING, ""));
        break;
    case TOKEN_RELIABILITY_OTHER:
        (void)gk_read_rest(&octets);
        break;
    }
    leave_variant(reading, &sequence, &octets, known, rekey->reliability_info);
}

static void read_autonomous(struct token_reading *reading, struct gk_reader *octets,
                            struct token_rekey *rekey)
{
    struct der_in *in = &reading->in;
    struct gk_reader content = der_enter(in, octets, DER_SEQUENCE, "");
    struct gk_reader list = der_enter(in, &content, DER_SEQUENCE, "authSubs");

    token_read_pairs(reading, &list, &rekey->auth_subs);
    der_leave(in, &list);
    rekey->has_domain = der_more(in, &content);
    if (rekey->has_domain)
        rekey->domain = token_octets(reading->token, der_read_octets(in, &content, "domain"));
    der_leave(in, &content);
}

static void read_scheme(struct token_reading *reading, struct gk_reader *reader,
                        struct token_rekey *rekey)
{
    struct gk_reader sequence = der_enter(&reading->in, reader, DER_SEQUENCE, "subGCKSInfo");
    struct gk_reader octets = enter_variant(reading, &sequence, "subGCKSScheme", "sGCKSContent",
                                            &rekey->scheme_oid, &rekey->scheme_info);
    const struct known *known = known_by_oid(schemes, rekey->scheme_oid);

    rekey->scheme = (enum token_scheme)known->value;
    switch (rekey->scheme) {
    case TOKEN_SCHEME_NONE:
        read_null_info(reading, &octets);
        break;
    case TOKEN_SCHEME_AUTONOMOUS:
        read_autonomous(reading, &octets, rekey);
        break;
    case TOKEN_SCHEME_OTHER:
        (void)gk_read_rest(&octets);
        break;
    }
    leave_variant(reading, &sequence, &octets, known, rekey->scheme_info);
}

/* B.5.3. */
static void read_event(struct token_reading *reading, struct gk_reader *reader,
                       struct token_rekey *rekey)
{
    struct der_in *in = &reading->in;
    struct gk_reader inside;

    switch (der_peek(in, reader)) {
    case DER_CONTEXT_CONSTRUCTED | 1:
        rekey->event_kind = TOKEN_TIME_ONLY;
        inside = der_enter(in, reader, DER_CONTEXT_CONSTRUCTED | 1, "rekeyEventDef");
        token_read_life(reading, &inside, "timeOnly", &rekey->event_time);
        der_leave(in, &inside);
        break;
    case DER_CONTEXT | 2:
        rekey->event_kind = TOKEN_EVENT;
        rekey->event_count = der_read_integer(in, reader, DER_CONTEXT | 2, "rekeyEventDef");
        break;
    case DER_CONTEXT_CONSTRUCTED | 3:
        rekey->event_kind = TOKEN_TIME_AND_EVENT;
        inside = der_enter(in, reader, DER_CONTEXT_CONSTRUCTED | 3, "rekeyEventDef");
        token_read_life(reading, &inside, "time", &rekey->event_time);
        rekey->event_count = der_read_integer(in, &inside, DER_INTEGER, "event");
        der_leave(in, &inside);
        break;
    default:
        rekey->event_kind = TOKEN_NEVER;
        der_read_null(in, reader, DER_CONTEXT | 0, "rekeyEventDef");
        break;
    }
}

void token_read_rekey(struct token_reading *reading, struct gk_reader *info,
                      struct token_protocol *protocol)
{
    struct token_rekey *rekey = token_alloc(reading->token, 1, sizeof *rekey);
    struct der_in *in = &reading->in;
    struct gk_reader part = der_enter(in, info, DER_SEQUENCE, "authorization");

    protocol->rekey = rekey;
    token_read_pairs(reading, &part, &rekey->authorization);
    der_leave(in, &part);
    part = der_enter(in, info, DER_SEQUENCE, "mechanism");
    rekey->signature = der_read_integer(in, &part, DER_INTEGER, "sigAlgorithm");
    rekey->nonce_hash = der_read_integer(in, &part, DER_INTEGER, "hashAlgorithm");
    der_leave(in, &part);
    read_event(reading, info, rekey);
    read_method(reading, info, rekey);
    token_read_life(reading, info, "rekeyInterval", &rekey->interval);
    read_reliability(reading, info, rekey);
    read_scheme(reading, info, rekey);
}

/* --- writing ------------------------------------------------------------------ */

static void write_event(struct token_writing *writing, const struct token_rekey *rekey)
{
    struct gk_writer *to = writing->to;
    size_t start = der_open(to);

    switch (rekey->event_kind) {
    case TOKEN_NEVER:
        der_write_null(to, DER_CONTEXT | 0);
        return;
    case TOKEN_TIME_ONLY:
        token_write_life(writing, &rekey->event_time);
        der_close(to, start, DER_CONTEXT_CONSTRUCTED | 1);
        return;
    case TOKEN_EVENT:
        der_write_integer(to, DER_CONTEXT | 2, rekey->event_count);
        return;
    case TOKEN_TIME_AND_EVENT:
        token_write_life(writing, &rekey->event_time);
        der_write_integer(to, DER_INTEGER, rekey->event_count);
        der_close(to, start, DER_CONTEXT_CONSTRUCTED | 3);
        return;
    }
    token_unwritable(writing, "rekeyEventDef is of no kind that RFC 4534 B.5.3 has");
}

static void write_autonomous(struct token_writing *writing, const struct token_rekey *rekey)
{
    size_t start = der_open(writing->to);

    token_write_pairs(writing, &rekey->auth_subs);
    if (rekey->has_domain && writing->as_read) /* profile 11.11: written absent */
        der_write(writing->to, DER_OCTET_STRING, rekey->domain);
    der_close(writing->to, start, DER_SEQUENCE);
}

static void write_post(struct token_writing *writing, struct gk_octets post)
{
    if (der_value(DER_IA5_STRING, post))
        token_unwritable(writing, "the identifier of post has octets above 7F");
    der_write(writing->to, DER_IA5_STRING, post);
}

/* The DER inside a known variant's OCTET STRING; 05 00 for those that say nothing. */
static void write_content(struct token_writing *writing, const struct known *place, int value,
                          const struct token_rekey *rekey)
{
    if (place == methods && value == TOKEN_METHOD_LKH)
        der_write_integer(writing->to, DER_INTEGER, rekey->lkh_key_type);
    else if (place == reliabilities && value == TOKEN_RELIABILITY_RESEND)
        der_write_integer(writing->to, DER_INTEGER, rekey->resend);
    else if (place == reliabilities && value == TOKEN_RELIABILITY_POST)
        write_post(writing, rekey->post);
    else if (place == schemes && value == TOKEN_SCHEME_AUTONOMOUS)
        write_autonomous(writing, rekey);
    else
        der_write_null(writing->to, DER_NULL);
}

static void write_variant(struct token_writing *writing, const struct known *place, int value,
                          struct variant other, const struct token_rekey *rekey)
{
    const char *oid = known_by_value(place, value)->oid;
    bool empty = writing->as_read && !other.info.size;
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t octets;

    if (!oid && (value || (other.oid && known_by_oid(place, other.oid)->oid)))
        token_unwritable(writing, "the OID %.64s stands before octets of another", other.oid);
    token_write_oid(writing, DER_OID, oid ? oid : other.oid, "rekey");
    octets = der_open(to);
    if (!oid)
        gk_write_octets(to, other.info);
    else if (!empty) /* only NULL infos were ever read empty */
        write_content(writing, place, value, rekey);
    der_close(to, octets, DER_OCTET_STRING);
    der_close(to, sequence, DER_SEQUENCE);
}

void token_write_rekey(struct token_writing *writing, const struct token_protocol *protocol)
{
    const struct token_rekey *rekey = protocol->rekey;
    struct gk_writer *to = writing->to;
    size_t sequence = der_open(to);
    size_t part;

    token_write_pairs(writing, &rekey->authorization);
    part = der_open(to);
    der_write_integer(to, DER_INTEGER, rekey->signature);
    der_write_integer(to, DER_INTEGER, rekey->nonce_hash);
    der_close(to, part, DER_SEQUENCE);
    write_event(writing, rekey);
    write_variant(writing, methods, (int)rekey->method,
                  (struct variant){rekey->method_oid, rekey->method_info}, rekey);
    token_write_life(writing, &rekey->interval);
    write_variant(writing, reliabilities, (int)rekey->reliability,
                  (struct variant){rekey->reliability_oid, rekey->reliability_info}, rekey);
    write_variant(writing, schemes, (int)rekey->scheme,
                  (struct variant){rekey->scheme_oid, rekey->scheme_info}, rekey);
    der_close(to, sequence, DER_SEQUENCE);
}
