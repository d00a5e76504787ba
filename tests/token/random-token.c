/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/random-token.h"

#include <string.h>

#include "gsakmp/message.h"
#include "gsakmp/stamp.h"
#include "gsakmp/suite.h"

struct draw {
    const struct gk_random *random;
    struct token *token;
};

static uint32_t below(struct draw *draw, uint32_t limit)
{
    return gk_random_u32(draw->random) % limit;
}

static bool heads(struct draw *draw)
{
    return below(draw, 2);
}

/* Mostly what a policy would say; now and then what only DER can. */
static int64_t number(struct draw *draw)
{
    static const int64_t usual[] = {0, 1, 2, 12, 14, 49153, 49154, 49155, 49156, 65535};
    static const int64_t odd[] = {-1, INT64_MIN, INT64_MAX, 41953, 1LL << 32};

    return below(draw, 40) ? usual[below(draw, sizeof usual / sizeof *usual)]
                           : odd[below(draw, sizeof odd / sizeof *odd)];
}

static struct gk_octets text(struct draw *draw, const char *from)
{
    return token_octets(draw->token, gk_octets_of(from));
}

static struct gk_octets noise(struct draw *draw, size_t size)
{
    uint8_t *drawn = token_alloc(draw->token, size + 1, 1);

    gk_random_fill(draw->random, drawn, size);
    return gk_octets(drawn, size);
}

static struct gk_octets octets(struct draw *draw)
{
    static const size_t sizes[] = {0, 1, 4, 8, 12, 16, 20, 20, 20, 64, 65, 255, 256, 300};

    return noise(draw, sizes[below(draw, sizeof sizes / sizeof *sizes)]);
}

static struct gk_octets words(struct draw *draw)
{
    static const char *const some[] = {"CN=Ann,OU=Video,O=Acme,C=US",
                                       "CN=*,O=A\\,B",
                                       "CN=\xc3\xbc\xe2\x82\xac,O=Acme",
                                       "CN=\"<&>'\" ,O=x",
                                       "CN=a, O=b",
                                       "CN=tab\there",
                                       "CN=line\nend",
                                       "CN=bell\x07",
                                       "CN=\xef\xbf\xbe",
                                       "CN=\xff",
                                       "CN=\x7f",
                                       "  ",
                                       "",
                                       "gcks.example.org",
                                       "*.example.org",
                                       "*",
                                       "ann@example.org",
                                       "*@example.org",
                                       "@",
                                       "/C=US/O=Acme/CN=Ann",
                                       "0123456789ABCDEFname",
                                       "0123456789abcdefname",
                                       "12345678 name -- of a group",
                                       "https://keys.example.org/a?b=c&d=\"e\"",
                                       "none",
                                       "base64:"};

    return text(draw, some[below(draw, sizeof some / sizeof *some)]);
}

static struct gk_octets either(struct draw *draw)
{
    return heads(draw) ? words(draw) : octets(draw);
}

static struct gk_octets u_name(struct draw *draw)
{
    struct gk_writer writer = {0};
    struct gk_octets name = words(draw);
    struct gk_octets made;
    uint8_t serial[GK_U_NAME_SERIAL] = {0};

    gk_random_fill(draw->random, serial + below(draw, sizeof serial), 1);
    gk_write(&writer, serial, sizeof serial);
    gk_write_u32(&writer, (uint32_t)name.size + !below(draw, 8));
    gk_write_octets(&writer, name);
    made = token_octets(draw->token, gk_writer_octets(&writer));
    gk_writer_free(&writer);
    return made;
}

static const char *oid(struct draw *draw)
{
    static const char *const some[] = {"1.3.6.1.4.1.32473.4535.1",
                                       "2.999.3",
                                       "0.0",
                                       TOKEN_OID_REGISTER,
                                       TOKEN_OID_DEREGISTER,
                                       TOKEN_OID_REKEY,
                                       TOKEN_OID_DATA,
                                       "1.3.6.1.5.5.12.7",
                                       "1.3.6.1.5.5.12.0.4",
                                       TOKEN_OID_METHOD_LKH,
                                       TOKEN_OID_RELIABILITY_POST,
                                       TOKEN_OID_SCHEME_NONE,
                                       TOKEN_OID_SUITE_1,
                                       "1.2.840.113549.1.1.18446744073709551615"};

    return some[below(draw, below(draw, 3) ? 3 : sizeof some / sizeof *some)];
}

static struct token_life life(struct draw *draw)
{
    static const int64_t spans[] = {0, 1, 30, 60, 90, 3600, 86400, 604800, 31536000};
    int64_t span = GK_TIME_NEVER - GK_TIME_FIRST;
    int64_t at = GK_TIME_FIRST +
                 (int64_t)((uint64_t)gk_random_u32(draw->random) * (uint64_t)(span / UINT32_MAX));

    switch (below(draw, 4)) {
    case 0:
        return (struct token_life){TOKEN_LIFE_GT, below(draw, 4) ? at : GK_TIME_NEVER};
    case 1:
        return (struct token_life){TOKEN_LIFE_UTC, (int64_t)below(draw, 2000000000)};
    default:
        return (struct token_life){TOKEN_LIFE_INTERVAL,
                                   below(draw, 20) ? spans[below(draw, 9)] : number(draw)};
    }
}

static void pairs(struct draw *draw, struct token_pairs *to)
{
    static const int64_t types[] = {1, 2, 3, 5, 9, 11, 30, 31, 31, 31, 31, 77};
    uint32_t count = below(draw, 4);

    for (uint32_t i = 0; i < count; i++) {
        struct token_pair *pair =
            token_append(draw->token, (void **)&to->at, &to->count, sizeof *pair);

        pair->id_type = below(draw, 20) ? types[below(draw, 12)] : number(draw);
        pair->id = pair->id_type == GK_ID_U_NAME ? u_name(draw) : either(draw);
        pair->ca = below(draw, 10) ? text(draw, heads(draw) ? "an authority's identity" : "another")
                                   : octets(draw);
    }
}

static void access_rule(struct draw *draw, struct token_access *to)
{
    to->has_permissions = heads(draw);
    for (uint32_t i = below(draw, 4); to->has_permissions && i > 0; i--) {
        int64_t *level = token_append(draw->token, (void **)&to->permissions, &to->permission_count,
                                      sizeof *level);

        *level = 1 + below(draw, 9);
    }
    pairs(draw, &to->access_rule);
    to->has_exclusions = heads(draw);
    if (to->has_exclusions)
        pairs(draw, &to->exclusions_rule);
}

static void mechanism(struct draw *draw, struct token_mechanism *to)
{
    if (!below(draw, 5)) {
        to->suite = heads(draw) ? TOKEN_OID_SUITE_1 : oid(draw);
        return;
    }
    to->signature = number(draw);
    to->nonce_hash = number(draw);
    to->key_creation = number(draw);
    to->key_wrap = number(draw);
    if (heads(draw)) {
        const struct gk_mechanism *named = &gk_suite_at(below(draw, 6))->mechanism;

        to->signature = named->signature;
        to->nonce_hash = named->nonce_hash;
        to->key_creation = named->key_creation;
        to->key_wrap = named->key_wrap;
    }
    to->has_key_creation_data = !below(draw, 4);
    if (to->has_key_creation_data)
        to->key_creation_data = octets(draw);
    to->time_out = life(draw);
    to->terse = heads(draw);
    to->has_timestamp = heads(draw);
    to->timestamp = to->has_timestamp && heads(draw);
}

static struct token_register *registration(struct draw *draw)
{
    struct token_register *to = token_alloc(draw->token, 1, sizeof *to);

    pairs(draw, &to->gcks);
    to->has_sub_gcks = heads(draw);
    for (uint32_t i = below(draw, 3); to->has_sub_gcks && i > 0; i--)
        pairs(draw, token_append(draw->token, (void **)&to->sub_gcks, &to->sub_gcks_count,
                                 sizeof *to->sub_gcks));
    to->senders_limited = heads(draw);
    if (to->senders_limited)
        pairs(draw, &to->senders);
    for (uint32_t i = below(draw, 3); i > 0; i--)
        access_rule(draw, token_append(draw->token, (void **)&to->access, &to->access_count,
                                       sizeof *to->access));
    for (uint32_t i = below(draw, 3); i > 0; i--)
        mechanism(draw, token_append(draw->token, (void **)&to->mechanisms, &to->mechanism_count,
                                     sizeof *to->mechanisms));
    to->transport = (enum token_transport)below(draw, 3);
    return to;
}

static struct token_deregister *deregistration(struct draw *draw)
{
    struct token_deregister *to = token_alloc(draw->token, 1, sizeof *to);

    for (uint32_t i = below(draw, 3); i > 0; i--) {
        struct token_leave_mechanism *leave = token_append(draw->token, (void **)&to->mechanisms,
                                                           &to->mechanism_count, sizeof *leave);

        *leave = (struct token_leave_mechanism){
            .signature = number(draw), .nonce_hash = number(draw), .ca = text(draw, "a CA")};
        if (!below(draw, 10))
            leave->ca = octets(draw);
    }
    to->has_terse = heads(draw);
    to->terse = !to->has_terse || heads(draw);
    to->transport = (enum token_transport)below(draw, 2);
    return to;
}

static void rekey_parts(struct draw *draw, struct token_rekey *to)
{
    static const char *const methods[] = {NULL, TOKEN_OID_METHOD_NONE, TOKEN_OID_METHOD_LKH};
    static const char *const reliabilities[] = {
        NULL, TOKEN_OID_RELIABILITY_NONE, TOKEN_OID_RELIABILITY_RESEND, TOKEN_OID_RELIABILITY_POST};
    static const char *const schemes[] = {NULL, TOKEN_OID_SCHEME_NONE, TOKEN_OID_SCHEME_AUTONOMOUS};

    to->method = (enum token_rekey_method)below(draw, 3);
    to->method_oid = to->method ? methods[to->method] : oid(draw);
    to->method_info = octets(draw);
    to->lkh_key_type = number(draw);
    to->reliability = (enum token_reliability)below(draw, 4);
    to->reliability_oid = to->reliability ? reliabilities[to->reliability] : oid(draw);
    to->reliability_info = octets(draw);
    to->resend = number(draw);
    to->post = below(draw, 4) ? text(draw, "https://keys.example.org/a?b=c&d=\"e\"")
                              : text(draw, heads(draw) ? "" : "a b\x01\n");
    to->scheme = (enum token_scheme)below(draw, 3);
    to->scheme_oid = to->scheme ? schemes[to->scheme] : oid(draw);
    to->scheme_info = octets(draw);
    pairs(draw, &to->auth_subs);
    to->has_domain = !below(draw, 4);
    to->domain = octets(draw);
}

static struct token_rekey *rekey(struct draw *draw)
{
    struct token_rekey *to = token_alloc(draw->token, 1, sizeof *to);

    pairs(draw, &to->authorization);
    to->signature = number(draw);
    to->nonce_hash = number(draw);
    to->event_kind = (enum token_event_kind)below(draw, 4);
    to->event_time = life(draw);
    to->event_count = below(draw, 10) ? 1 + below(draw, 9) : number(draw);
    to->interval = life(draw);
    rekey_parts(draw, to);
    return to;
}

static void key_info(struct draw *draw, struct token_key_info *to)
{
    to->present = heads(draw);
    to->key_id = below(draw, 5) ? noise(draw, 4) : octets(draw);
    to->has_expiration = heads(draw);
    to->expiration = life(draw);
}

static void protocol(struct draw *draw, enum token_protocol_kind place, struct token_protocol *to)
{
    uint32_t kind = below(draw, 6);

    if (kind == 0) {
        *to = (struct token_protocol){
            .kind = TOKEN_PROTOCOL_OPAQUE, .oid = oid(draw), .info = either(draw)};
        return;
    }
    if (kind == 1 && place != TOKEN_PROTOCOL_DATA) {
        to->kind = TOKEN_PROTOCOL_NONE;
        return;
    }
    to->kind = place;
    if (place == TOKEN_PROTOCOL_REGISTER) {
        to->registration = registration(draw);
    } else if (place == TOKEN_PROTOCOL_DEREGISTER) {
        to->deregistration = deregistration(draw);
    } else if (place == TOKEN_PROTOCOL_REKEY) {
        to->rekey = rekey(draw);
    } else {
        to->data = token_alloc(draw->token, 1, sizeof *to->data);
        key_info(draw, &to->data->authentication);
        key_info(draw, &to->data->encryption);
    }
}

struct token *random_token(const struct gk_random *random)
{
    struct token *token = token_new();
    struct draw draw = {random, token};

    token->group_name = either(&draw);
    token->has_edition = below(&draw, 5);
    token->edition = below(&draw, 10) ? 1 + below(&draw, 100) : number(&draw);
    for (uint32_t i = below(&draw, 3); i > 0; i--) {
        struct token_registration *to =
            token_append(token, (void **)&token->registrations, &token->registration_count,
                         sizeof *token->registrations);

        protocol(&draw, TOKEN_PROTOCOL_REGISTER, &to->join);
        protocol(&draw, TOKEN_PROTOCOL_DEREGISTER, &to->leave);
    }
    for (uint32_t i = below(&draw, 3); i > 0; i--)
        protocol(&draw, TOKEN_PROTOCOL_REKEY,
                 token_append(token, (void **)&token->rekeys, &token->rekey_count,
                              sizeof *token->rekeys));
    for (uint32_t i = below(&draw, 3); i > 0; i--)
        protocol(
            &draw, TOKEN_PROTOCOL_DATA,
            token_append(token, (void **)&token->datas, &token->data_count, sizeof *token->datas));
    return token;
}
