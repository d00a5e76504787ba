/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_TOKEN_H
#define TOKEN_TOKEN_H
/*
 * The policy token of RFC 4534 in memory: one model that the XML reader, the DER codec, the
 * renderers and the rules all turn into something. It says everything that RFC 4534 can say,
 * also what this version does not run; unknown protocols are kept as opaque octets.
 *
 * A token owns all that hangs below it, in one arena: token_new, token_free. Whoever fills
 * it allocates with token_alloc / token_octets / token_append. A filled token is read-only
 * and may be shared between threads.
 *
 * Integers are as wide as DER gives them up to 64 bits; whether a value is in force is for
 * the rules to say. Times in seconds UTC.
 */
#include "gsakmp/octets.h"
#include "gsakmp/stamp.h"

/* Where a part was read: a line of the source, or an offset in octets in the token's DER; what
 * is not known is 0. */
struct token_place {
    int line;
    size_t offset;
};

/* LifeDate (RFC 4534 3.1); an interval counts seconds (wire profile 6.4). */
enum token_life_kind { TOKEN_LIFE_GT, TOKEN_LIFE_UTC, TOKEN_LIFE_INTERVAL };
struct token_life {
    enum token_life_kind kind;
    int64_t value; /* gk_time, or the interval */
};

/* UserCAPair: an identity or pattern, and the CA it must come from. */
struct token_pair {
    int64_t id_type;     /* RFC 4535 table 19 */
    struct gk_octets id; /* typeData */
    struct gk_octets ca; /* KeyIdentifier */
    struct token_place place;
};

struct token_pairs {
    struct token_pair *at;
    size_t count;
};

struct token_access {
    bool has_permissions;
    size_t permission_count;
    int64_t *permissions; /* 1 to 9 */
    struct token_pairs access_rule;
    bool has_exclusions;
    struct token_pairs exclusions_rule;
    struct token_place place;
};

enum token_transport { TOKEN_TCP = 0, TOKEN_UDP = 1, TOKEN_UDP_RTJ_TCP_OTHER = 2 };

/* JoinMechanism: a suite by OID, or a la carte. */
struct token_mechanism {
    const char *suite; /* dotted OID, NULL when a la carte */
    int64_t signature, nonce_hash, key_creation, key_wrap;
    bool has_key_creation_data;
    struct gk_octets key_creation_data;
    struct token_life time_out;
    bool terse;
    bool has_timestamp, timestamp;
    struct token_place place;
};

struct token_register {
    struct token_pairs gcks;
    bool has_sub_gcks;
    size_t sub_gcks_count;
    struct token_pairs *sub_gcks;
    bool senders_limited;
    struct token_pairs senders;
    size_t access_count;
    struct token_access *access;
    size_t mechanism_count;
    struct token_mechanism *mechanisms;
    enum token_transport transport;
};

struct token_leave_mechanism {
    int64_t signature, nonce_hash;
    struct gk_octets ca;
    struct token_place place;
};

struct token_deregister {
    size_t mechanism_count;
    struct token_leave_mechanism *mechanisms;
    bool has_terse; /* absent means terse (wire profile 11.2) */
    bool terse;
    enum token_transport transport; /* TCP or UDP */
};

enum token_event_kind { TOKEN_NEVER, TOKEN_TIME_ONLY, TOKEN_EVENT, TOKEN_TIME_AND_EVENT };
enum token_rekey_method { TOKEN_METHOD_OTHER, TOKEN_METHOD_NONE, TOKEN_METHOD_LKH };
enum token_reliability {
    TOKEN_RELIABILITY_OTHER,
    TOKEN_RELIABILITY_NONE,
    TOKEN_RELIABILITY_RESEND,
    TOKEN_RELIABILITY_POST
};
enum token_scheme { TOKEN_SCHEME_OTHER, TOKEN_SCHEME_NONE, TOKEN_SCHEME_AUTONOMOUS };

struct token_rekey {
    struct token_pairs authorization;
    int64_t signature, nonce_hash;
    enum token_event_kind event_kind;
    struct token_life event_time;
    int64_t event_count;
    enum token_rekey_method method;
    const char *method_oid;
    struct gk_octets method_info; /* as it stands, for OTHER */
    int64_t lkh_key_type;
    struct token_life interval;
    enum token_reliability reliability;
    const char *reliability_oid;
    struct gk_octets reliability_info;
    int64_t resend;
    struct gk_octets post; /* IA5String */
    enum token_scheme scheme;
    const char *scheme_oid;
    struct gk_octets scheme_info;
    struct token_pairs auth_subs;
    bool has_domain;
    struct gk_octets domain;
};

struct token_key_info {
    bool present;
    struct gk_octets key_id; /* kMKeyID */
    bool has_expiration;
    struct token_life expiration;
    struct token_place place;
};

struct token_data {
    struct token_key_info authentication, encryption;
};

/* A protocol: none, known (a member of the union is set), or opaque. */
enum token_protocol_kind {
    TOKEN_PROTOCOL_NONE,
    TOKEN_PROTOCOL_OPAQUE,
    TOKEN_PROTOCOL_REGISTER,
    TOKEN_PROTOCOL_DEREGISTER,
    TOKEN_PROTOCOL_REKEY,
    TOKEN_PROTOCOL_DATA
};
struct token_protocol {
    enum token_protocol_kind kind;
    const char *oid;
    bool erratum;          /* an OID of the modules that section 5 corrects (profile 11.1) */
    struct gk_octets info; /* protocolInfo as it stands; empty when made from source */
    struct token_place place;
    union {
        struct token_register *registration;
        struct token_deregister *deregistration;
        struct token_rekey *rekey;
        struct token_data *data;
    };
};

struct token_registration {
    struct token_protocol join;  /* register */
    struct token_protocol leave; /* de-register */
};

struct token {
    int64_t version;             /* tokenDefVersion */
    struct token_place id_place; /* of tokenInfo, or <group> */
    struct gk_octets group_name;
    bool has_edition;
    int64_t edition;
    size_t registration_count;
    struct token_registration *registrations;
    size_t rekey_count;
    struct token_protocol *rekeys;
    size_t data_count;
    struct token_protocol *datas;
    struct token_arena *arena;
};

/* OIDs of RFC 4534 section 5. */
#define TOKEN_OID_CONTENT            "1.3.6.1.5.5.12.1.1"
#define TOKEN_OID_SUITE_1            "1.3.6.1.5.5.12.2.1"
#define TOKEN_OID_REGISTER           "1.3.6.1.5.5.12.3.1"
#define TOKEN_OID_DEREGISTER         "1.3.6.1.5.5.12.3.2"
#define TOKEN_OID_REKEY              "1.3.6.1.5.5.12.3.3"
#define TOKEN_OID_METHOD_NONE        "1.3.6.1.5.5.12.4.1"
#define TOKEN_OID_METHOD_LKH         "1.3.6.1.5.5.12.4.2"
#define TOKEN_OID_RELIABILITY_NONE   "1.3.6.1.5.5.12.5.1"
#define TOKEN_OID_RELIABILITY_RESEND "1.3.6.1.5.5.12.5.2"
#define TOKEN_OID_RELIABILITY_POST   "1.3.6.1.5.5.12.5.3"
#define TOKEN_OID_SCHEME_NONE        "1.3.6.1.5.5.12.6.1"
#define TOKEN_OID_SCHEME_AUTONOMOUS  "1.3.6.1.5.5.12.6.2"
#define TOKEN_OID_DATA               "1.3.6.1.5.5.12.7.1"

#define TOKEN_MAX 65501 /* octets of a signed token (wire profile 11.17) */

struct token *token_new(void) GK_MUST_USE;
void token_free(struct token *token);
void *token_alloc(struct token *token, size_t count, size_t size) GK_MUST_USE;
struct gk_octets token_octets(struct token *token, struct gk_octets from);
const char *token_text(struct token *token, const char *from);
/* Grows an array of the arena by one zeroed element and returns that element:
 *     struct token_pair *pair = token_append(token, (void **)&pairs->at, &pairs->count,
 *                                            sizeof *pair); */
void *token_append(struct token *token, void **array, size_t *count, size_t size) GK_MUST_USE;

#endif
