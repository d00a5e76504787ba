/* SPDX-License-Identifier: Apache-2.0 */
/* Every combination of profile 10 lives through a group's life; and DER signatures whose length
 * does not settle (profile 4.2). */
#include <stdio.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "gsakmp/message.h"
#include "tests/roles/troupe.h"

/* --- every combination -------------------------------------------------------------------- */

static const uint16_t hashes[] = {1, 49153};
static const uint16_t creations[] = {2, 14, 49153, 49154};
static const uint16_t wraps[] = {12, 49153, 49154, 49155};

/* Profile 3.3: what counts is what stands in the message. */
static bool needs_vendor_id(const struct gk_mechanism *m, uint8_t exchange)
{
    bool is_signed = m->signature > 49152;
    bool keys = m->key_wrap > 49152;

    switch (exchange) {
    case GK_REQUEST_TO_JOIN:
        return is_signed || keys || m->key_creation > 49152 || m->nonce_hash > 49152;
    case GK_KEY_DOWNLOAD:
        return is_signed || keys || m->key_creation > 49152;
    case GK_REKEY_EVENT:
        return is_signed || keys;
    default:
        return is_signed;
    }
}

static void check_messages(const struct troupe *troupe, const struct gk_mechanism *m)
{
    const unsigned all = GK_EXCHANGE_BIT(GK_REQUEST_TO_JOIN) | GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD) |
                         GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD_ACK) | GK_EXCHANGE_BIT(GK_REKEY_EVENT);
    unsigned seen = 0;

    for (const struct rig_packet *at = troupe->rig->sent; at; at = at->next) {
        struct gk_message message;

        CU_ASSERT_TRUE_FATAL(gk_message_header(&message, gk_secret_octets(&at->octets),
                                               &troupe->policy.group, GK_EXCHANGE_ANY, NULL));
        CU_ASSERT_TRUE_FATAL(gk_message_chain(&message, NULL));
        CU_ASSERT_EQUAL(message.vendor, needs_vendor_id(m, message.exchange));
        if (message.has_signature)
            CU_ASSERT_EQUAL(message.signature.type, m->signature);
        seen |= GK_EXCHANGE_BIT(message.exchange);
    }
    CU_ASSERT_EQUAL(seen & all, all);
}

static void agree(const struct troupe *troupe, const struct gk_mechanism *m, int but)
{
    struct gk_octets key = troupe_key(troupe, 0);

    CU_ASSERT_TRUE(troupe_agree(troupe, but));
    CU_ASSERT_EQUAL(key.size, gk_wrap_find(m->key_wrap)->key_size);
    CU_ASSERT_TRUE(gk_octets_equal(key, troupe_key(troupe, 1)));
}

/* Registration, rekey, eviction, a new token, restarts. */
static void live(const struct gk_mechanism *m, unsigned seed)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = 3, .seed = seed, .mechanism = *m, .tcp = seed & 1, .degree = 2});

    troupe_join_all(troupe);
    agree(troupe, m, -1);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 2000);
    agree(troupe, m, -1);
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 2000);
    agree(troupe, m, 2);
    CU_ASSERT_FALSE(troupe_current(troupe, 2));
    CU_ASSERT_TRUE(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW), NULL));
    rig_run(troupe->rig, 2000);
    agree(troupe, m, 2);
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 1).edition, 2);
    troupe_restart_gcks(troupe);
    troupe_restart_member(troupe, 0);
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 3000);
    agree(troupe, m, 2);
    CU_ASSERT_EQUAL(troupe_status(troupe).members, 2);
    check_messages(troupe, m);
    troupe_free(troupe);
}

static void live_all(uint16_t signature)
{
    for (unsigned i = 0; i < 2 * 4 * 4; i++) {
        const struct gk_mechanism m = {signature, hashes[i / 16], creations[i / 4 % 4],
                                       wraps[i % 4]};

        live(&m, 1000 + i);
    }
}

static void dss_sha1(void)
{
    live_all(0);
}
static void ecdsa_p384_sha3(void)
{
    live_all(2);
}
static void ed25519(void)
{
    live_all(49153);
}
static void ecdsa_p256(void)
{
    live_all(49154);
}
static void ecdsa_p384(void)
{
    live_all(49155);
}
static void rsa_pss(void)
{
    live_all(49156);
}

/* --- keys of mixed types -------------------------------------------------------------------- */

/* How many of its Rekey Event messages have the Vendor ID, and how many have not. */
static void count_vendors(const struct troupe *troupe, unsigned count[2])
{
    count[0] = count[1] = 0;
    for (const struct rig_packet *at = troupe->rig->sent; at; at = at->next) {
        struct gk_message message;

        if (gk_message_parse(&message, gk_secret_octets(&at->octets), NULL,
                             GK_EXCHANGE_BIT(GK_REKEY_EVENT), NULL))
            count[message.vendor]++;
    }
}

/* GTPKs of a standard type, KEKs of a private one: a rekey replaces the GTPK alone, an eviction
 * KEKs too; the other way about both hold what is private. */
static void keys_of_mixed_types(void)
{
    static const struct {
        uint16_t wrap;
        const char *rekey;
        bool plain;
    } rows[] = {{12, "key-wrap=\"AES-256-GCM\"", true}, {49154, "key-wrap=\"AES-CBC-128\"", false}};

    for (size_t i = 0; i < 2; i++) {
        struct troupe *troupe =
            troupe_new(&(struct troupe_plan){.members = 5,
                                             .degree = 2,
                                             .mechanism = {2, 1, 14, rows[i].wrap},
                                             .rekey = rows[i].rekey});
        unsigned count[2];

        troupe_join_all(troupe);
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 2000);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
        count_vendors(troupe, count);
        CU_ASSERT_TRUE(rows[i].plain ? count[0] && !count[1] : !count[0] && count[1]);
        CU_ASSERT_TRUE(troupe_evict(troupe, 1));
        rig_run(troupe->rig, 2000);
        CU_ASSERT_TRUE(troupe_agree(troupe, 1));
        count_vendors(troupe, count);
        CU_ASSERT_TRUE(count[1] > 0);
        troupe_free(troupe);
    }
}

/* --- contents without a tag (profile 8.5) -------------------------------------------------- */

struct bend {
    const struct gk_signer *signer;
    size_t from_end; /* of the Key Download: the octet that is changed; 0: the first */
};

/* The server itself sends what does not open, or opens to rubbish. */
static bool bend_keydl(struct rig *rig, struct rig_packet *packet, void *context)
{
    const struct bend *bend = context;
    struct gk_writer bent = {0};
    struct gk_message message;

    (void)rig;
    if (!gk_message_parse(&message, gk_secret_octets(&packet->octets), NULL,
                          GK_EXCHANGE_BIT(GK_KEY_DOWNLOAD), NULL))
        return true;
    ((uint8_t *)(uintptr_t)message.key_download
         .data)[bend->from_end ? message.key_download.size - bend->from_end : 0] ^= 0xff;
    message.private_inside = message.vendor;
    CU_ASSERT_TRUE(gk_message_build(&message, bend->signer, &bent, NULL));
    gk_secret_free(&packet->octets);
    packet->octets = gk_writer_take(&bent);
    return true;
}

static uint16_t refusal_of(uint16_t wrap, size_t from_end, const char *says)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){
        .members = 1, .capacity = 4, .mechanism = {49153, 49153, 49153, wrap}});
    struct bend bend = {&troupe->gcks_signer, from_end};
    const struct gk_notice *notice;
    uint16_t notification;

    troupe->rig->filter = bend_keydl;
    troupe->rig->context = &bend;
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 25000);
    CU_ASSERT_FALSE(troupe_in(troupe, 0));
    notice = rig_noticed(troupe->rig, 1, "join-failed");
    CU_ASSERT_PTR_NOT_NULL_FATAL(notice);
    notification = notice->notification;
    if (!strstr(notice->text, says))
        printf("\n    %s\n", notice->text);
    CU_ASSERT_PTR_NOT_NULL(strstr(notice->text, says));
    troupe_free(troupe);
    return notification;
}

static void rubbish_is_told_as_bad_padding(void)
{
    CU_ASSERT_EQUAL(refusal_of(12, 17, "padding"), GK_INVALID_KEY_INFORMATION);
    CU_ASSERT_EQUAL(refusal_of(12, 0, "item"), GK_INVALID_KEY_INFORMATION);
    CU_ASSERT_EQUAL(refusal_of(49154, 0, "tag"), GK_INVALID_KEY_INFORMATION);
}

/* Before anything is sent (profile 10). */
static void a_member_does_not_ask_for_suite_1(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 1, .suite = "suite-1"});
    const struct member_config *config = &troupe->member[0].config;
    struct member *member = member_new(config, NULL);
    struct gk_reason why = {0};

    CU_ASSERT_PTR_NOT_NULL(member);
    member_free(member);
    troupe->policy.local.tolerate_suite_1 = false;
    CU_ASSERT_PTR_NULL(member_new(config, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "tolerate-suite-1");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "tolerate_suite_1"));
    troupe_free(troupe);
}

/* What is warned of is told when a token comes into force, at both ends. */
static void suite_1_is_warned_of(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 2, .suite = "suite-1"});

    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "token-warning"));
    troupe_join_all(troupe);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 1, "token-warning"));
    rig_forget_notices(troupe->rig, 0);
    rig_forget_notices(troupe->rig, 1);
    CU_ASSERT_TRUE(troupe_publish(troupe, troupe_token(troupe, 2, NULL, TEST_NOW), NULL));
    rig_run(troupe->rig, 2000);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    for (size_t node = 0; node < 2; node++) {
        CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, node, "token-warning"));
        rig_forget_notices(troupe->rig, node);
    }
    troupe_restart_gcks(troupe);
    troupe_restart_member(troupe, 0);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "token-warning"));
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 1, "token-warning"));
    troupe_free(troupe);
    troupe = troupe_new(&(struct troupe_plan){.members = 1});
    troupe_join_all(troupe);
    CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, 0, "token-warning"));
    CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, 1, "token-warning"));
    troupe_free(troupe);
}

/* --- lengths that do not settle --------------------------------------------------------------- */

/*
 * A reproducible signature of type 2 whose length is 46 or 47 octets and follows from what it
 * signs. A coin is drawn from all but the two length fields: on heads both lengths are right as
 * they are assumed, on tails each is answered by the other, for ever.
 */
struct odd_signer {
    bool stubborn; /* always tails */
    unsigned calls, tails;
};

/* Where the signature payload begins, the last one that is signed. */
static size_t payload_at(struct gk_octets data)
{
    size_t at = 2u + data.data[1];
    uint8_t next = data.data[at];

    at += 11; /* next payload, version, exchange, Sequence ID, Length */
    while (next != GK_PAYLOAD_SIGNATURE) {
        next = data.data[at];
        at += (size_t)(data.data[at + 2] << 8 | data.data[at + 3]);
    }
    return at;
}

/* The length for which both fields stand. */
static size_t assumed(struct gk_octets data)
{
    size_t at = payload_at(data);
    size_t size = (size_t)(data.data[at + 2] << 8 | data.data[at + 3]);

    return size - (data.size - at) - 2;
}

static bool is_tails(struct gk_octets data)
{
    struct gk_secret copy = gk_secret_copy(data);
    uint8_t digest[GK_SHA256_SIZE];

    memset(copy.data + 2 + data.data[1] + 7, 0, 4);
    memset(copy.data + payload_at(data) + 2, 0, 2);
    gk_sha256(gk_secret_octets(&copy), digest);
    gk_secret_free(&copy);
    return digest[0] & 1;
}

static void write_odd(struct gk_octets data, size_t size, struct gk_writer *to)
{
    uint8_t digest[GK_SHA256_SIZE];

    gk_sha256(data, digest);
    gk_write(to, digest, sizeof digest);
    while (size-- > sizeof digest)
        gk_write_u8(to, 0x5a);
}

static bool sign_odd(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                     struct gk_reason *why)
{
    struct odd_signer *state = signer->context;
    bool tails = state->stubborn || is_tails(data);

    (void)why;
    state->calls++;
    state->tails += tails;
    write_odd(data, tails && assumed(data) == 46 ? 47 : 46, to);
    return true;
}

static bool verify_odd(uint16_t type, struct gk_octets spki, struct gk_octets data,
                       struct gk_octets signature)
{
    struct gk_writer good = {0};
    bool same;

    (void)spki;
    write_odd(data, signature.size, &good);
    same = type == 2 && gk_octets_equal(signature, gk_writer_octets(&good));
    gk_writer_free(&good);
    return same;
}

static const struct gk_signature_scheme odd_schemes[] = {
    {.type = 2, .name = "odd", .run = true, .der = true, .size_most = 47}, {.name = NULL}};
static const struct gk_suite_extra odd_suite = {.signatures = odd_schemes, .verify = verify_odd};
static const struct gk_mechanism odd_mechanism = {2, 1, 49153, 12};

static struct gk_signer odd_signer(struct odd_signer *state)
{
    return (struct gk_signer){.type = 2, .sign = sign_odd, .context = state};
}

static struct troupe *odd_troupe(const struct gk_signer *gcks, const struct gk_signer *members)
{
    return troupe_new(&(struct troupe_plan){.members = 6,
                                            .seed = 7,
                                            .mechanism = odd_mechanism,
                                            .gcks_signer = gcks,
                                            .member_signer = members});
}

/* Half of all messages are drawn tails, and come to be with another nonce or stamp. */
static void a_fresh_start_settles(void)
{
    struct odd_signer server = {0};
    struct odd_signer member = {0};
    struct gk_signer gcks = odd_signer(&server);
    struct gk_signer members = odd_signer(&member);
    struct troupe *troupe;

    gk_suite_extra = &odd_suite;
    troupe = odd_troupe(&gcks, &members);
    troupe_join_all(troupe);
    CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    for (unsigned i = 0; i < 8; i++) {
        CU_ASSERT_TRUE(troupe_rekey(troupe));
        rig_run(troupe->rig, 2000);
        CU_ASSERT_TRUE(troupe_agree(troupe, -1));
    }
    CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, 0, "rekey-unsigned"));
    CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, 0, "member-refused"));
    for (unsigned i = 0; i < 6; i++)
        CU_ASSERT_PTR_NULL(rig_noticed(troupe->rig, troupe->member[i].node, "signature-length"));
    CU_ASSERT_EQUAL(troupe_status(troupe).counts.keydl, 6);
    /* Each tails cost 64 signatures; some there were on both sides. */
    CU_ASSERT_TRUE(server.tails >= 64 && server.tails % 64 == 0);
    CU_ASSERT_TRUE(member.tails >= 64 && member.tails % 64 == 0);
    troupe_free(troupe);
    gk_suite_extra = NULL;
}

/* A key that never signs ends the join, and not the program. */
static void a_member_that_never_settles(void)
{
    struct odd_signer server = {0};
    struct odd_signer member = {.stubborn = true};
    struct gk_signer gcks = odd_signer(&server);
    struct gk_signer members = odd_signer(&member);
    struct troupe *troupe;

    gk_suite_extra = &odd_suite;
    troupe = odd_troupe(&gcks, &members);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 10);
    CU_ASSERT_EQUAL(member.calls, 64 * GK_SIGN_STARTS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_noticed(troupe->rig, troupe->member[0].node, "join-failed"));
    CU_ASSERT_EQUAL(rig_last_sent(troupe->rig, troupe->member[0].node, GK_REQUEST_TO_JOIN).size, 0);
    member.stubborn = false;
    rig_run(troupe->rig, 20000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    troupe_free(troupe);
    gk_suite_extra = NULL;
}

static void a_server_that_never_settles(void)
{
    struct odd_signer server = {.stubborn = true};
    struct odd_signer member = {0};
    struct gk_signer gcks = odd_signer(&server);
    struct gk_signer members = odd_signer(&member);
    struct troupe *troupe;

    gk_suite_extra = &odd_suite;
    troupe = odd_troupe(&gcks, &members);
    troupe_join(troupe, 0);
    rig_run(troupe->rig, 10);
    CU_ASSERT_EQUAL(server.calls, 64 * GK_SIGN_STARTS);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "member-refused"));
    CU_ASSERT_EQUAL(rig_last_sent(troupe->rig, 0, GK_KEY_DOWNLOAD).size, 0);
    server.stubborn = false;
    rig_run(troupe->rig, 60000);
    CU_ASSERT_TRUE(troupe_in(troupe, 0));
    server.stubborn = true;
    CU_ASSERT_TRUE(troupe_rekey(troupe));
    rig_run(troupe->rig, 100);
    CU_ASSERT_PTR_NOT_NULL(rig_noticed(troupe->rig, 0, "rekey-unsigned"));
    CU_ASSERT_FALSE(troupe_current(troupe, 0));
    server.stubborn = false;
    rig_run(troupe->rig, 3000);
    CU_ASSERT_TRUE(troupe_current(troupe, 0));
    troupe_free(troupe);
    gk_suite_extra = NULL;
}

const struct test_suite suite_suites = {
    "suites",
    {
        {"DSS-SHA1 with everything", dss_sha1},
        {"ECDSA-P384-SHA3 with everything", ecdsa_p384_sha3},
        {"Ed25519 with everything", ed25519},
        {"ECDSA P-256 with everything", ecdsa_p256},
        {"ECDSA P-384 with everything", ecdsa_p384},
        {"RSA-PSS with everything", rsa_pss},
        {"keys of mixed types", keys_of_mixed_types},
        {"rubbish is told as bad padding", rubbish_is_told_as_bad_padding},
        {"a member does not ask for Suite 1", a_member_does_not_ask_for_suite_1},
        {"Suite 1 is warned of", suite_1_is_warned_of},
        {"a fresh start settles a length", a_fresh_start_settles},
        {"a member that never settles", a_member_that_never_settles},
        {"a server that never settles", a_server_that_never_settles},
        {NULL, NULL},
    }};
