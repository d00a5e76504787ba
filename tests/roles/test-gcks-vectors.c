/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GC/KS against the known answers: it makes their Key Download from their RTJ, takes
 * their Ack, and answers nothing to what they say is refused.
 */
#include <stdio.h>
#include <string.h>

#include "tests/roles/gcks-bench.h"
#include "tests/vectors.h"

/* Randomness that says what the known answers' server drew, once armed. */
static struct {
    struct gk_random plain;
    bool armed;
    size_t next;
    struct gk_octets says[4];
} script;

static void fill(void *context, uint8_t *to, size_t size)
{
    (void)context;
    if (script.armed && script.next < 4 && script.says[script.next].size == size)
        memcpy(to, script.says[script.next++].data, size);
    else
        gk_random_fill(&script.plain, to, size);
}

static const struct gk_random scripted = {fill, NULL};

static const char *key_creation_path(void)
{
    static char path[32];

    for (unsigned i = 0;; i++) {
        (void)snprintf(path, sizeof path, "key_creation/%u/type", i);
        if (vector_integer(path) == 49153)
            break;
    }
    *strrchr(path, '/') = '\0';
    return path;
}

static void with_script(struct gcks_config *config)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/gcks_secret", key_creation_path());
    script.plain = test_random(1);
    script.armed = false;
    script.next = 0;
    script.says[0] = vector_octets("nonces/nonce_r");
    script.says[1] = vector_octets(path);
    script.says[2] = vector_octets("keys/token_iv");
    script.says[3] = vector_octets("keys/keys_iv");
    config->random = &scripted;
}

/* Up to the Key Download that the known answers' RTJ gets. */
static struct bench *up_to_keydl(void)
{
    struct bench *bench = bench_new(with_script);
    struct gk_peer from = bench_peer(1);

    bench->hold_jobs = true;
    bench_deliver(bench, &from, vector_octets("messages/RTJ"));
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 1);
    bench_run_job(bench, 0);
    CU_ASSERT_EQUAL_FATAL(bench->job_count, 1);
    script.armed = true;
    bench_run_job(bench, 0);
    script.armed = false;
    bench->hold_jobs = false;
    return bench;
}

static void parse(struct gk_message *message, struct gk_octets octets)
{
    CU_ASSERT_TRUE_FATAL(gk_message_parse(message, octets, NULL, GK_EXCHANGE_ANY, NULL));
}

static void opens_with_the_known_kek(const struct gk_message *message)
{
    const struct gk_wrap *wrap = gk_wrap_find(49154);
    struct gk_key_download download;
    struct gk_writer aad = {0};
    struct gk_secret plain = {0};

    gk_aad(&aad, gk_group_value(&message->group), GK_PAYLOAD_KEY_DOWNLOAD);
    CU_ASSERT_TRUE_FATAL(gk_wrap_open(wrap, vector_octets("keys/kek"), gk_writer_octets(&aad),
                                      message->key_download, &plain, NULL));
    CU_ASSERT_TRUE_FATAL(
        gk_key_download_read(&download, gk_secret_octets(&plain), message->vendor, NULL));
    CU_ASSERT_EQUAL(plain.size, vector_octets("keys/key_download_plain").size);
    CU_ASSERT_EQUAL(download.gtpk_count, 1);
    CU_ASSERT_EQUAL(download.gtpk[0].id, 0x80000001);
    CU_ASSERT_EQUAL(download.gtpk[0].type, 49154);
    CU_ASSERT_EQUAL(download.gtpk[0].created, TEST_NOW);
    CU_ASSERT_EQUAL(download.gtpk[0].expires, TEST_NOW + 7200);
    CU_ASSERT_TRUE(download.has_array);
    CU_ASSERT_EQUAL(download.array.member_id, 1);
    CU_ASSERT_EQUAL(download.array.count, 3);
    CU_ASSERT_EQUAL(download.array.kek[2].id, 8);
    gk_secret_free(&plain);
    gk_writer_free(&aad);
}

/* All but the keys themselves, whose handles are the tree's own, is the same octet for octet:
 * the payloads before them, the encrypted token, the certificates. */
static void makes_the_known_keydl(void)
{
    struct bench *bench = up_to_keydl();
    const struct bench_sent *sent = bench_sent_at(bench, GK_KEY_DOWNLOAD, 0);
    struct gk_octets known = vector_octets("messages/KeyDL");
    struct gk_message ours;
    struct gk_message theirs;

    CU_ASSERT_EQUAL(script.next, 4);
    CU_ASSERT_EQUAL_FATAL(sent->octets.size, known.size);
    parse(&ours, gk_secret_octets(&sent->octets));
    parse(&theirs, known);
    CU_ASSERT_EQUAL(
        memcmp(sent->octets.data, known.data, (size_t)(theirs.key_download.data - known.data)), 0);
    CU_ASSERT_TRUE(gk_octets_equal(ours.nonce[GK_NONCE_C], theirs.nonce[GK_NONCE_C]));
    CU_ASSERT_TRUE(gk_octets_equal(ours.token, theirs.token));
    CU_ASSERT_EQUAL(ours.certificate_count, theirs.certificate_count);
    for (size_t i = 0; i < theirs.certificate_count; i++)
        CU_ASSERT_TRUE(gk_octets_equal(ours.certificate[i].data, theirs.certificate[i].data));
    opens_with_the_known_kek(&ours);
    bench_free(bench);
}

static void takes_the_known_ack(void)
{
    struct bench *bench = up_to_keydl();
    const json_t *ack = json_object_get(vector_at("messages"), "KeyDL-A/F ACK");
    struct gk_peer from = bench_peer(1);

    CU_ASSERT_EQUAL(bench_status(bench).members, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 1);
    bench_deliver(bench, &from, test_unhex(json_string_value(ack)));
    CU_ASSERT_EQUAL(bench_status(bench).members, 1);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_PTR_NOT_NULL(bench_noticed(bench, "member-admitted"));
    bench_free(bench);
}

/* No answer, no state, and the notification in a notice. */
static void check_refusal(const char *name, struct gk_octets octets, long long notification)
{
    struct bench *bench = bench_new(NULL);
    const struct gk_notice *notice;
    struct gk_peer from = bench_peer(1);
    size_t records = bench->record_count;

    bench_forget(bench);
    bench_deliver(bench, &from, octets);
    notice = bench_noticed(bench, "message-refused");
    if (!notice)
        notice = bench_noticed(bench, "member-refused");
    if (!notice || notice->notification != notification)
        printf("\n    %s: %u, not %lld\n", name, notice ? notice->notification : 0, notification);
    CU_ASSERT_TRUE(notice && notice->notification == notification);
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_EQUAL(bench_status(bench).counts.keydl, 0);
    CU_ASSERT_TRUE(bench->record_count <= records + 2); /* counters, and the stamp seen */
    bench_free(bench);
}

static void refuses_what_they_refuse(void)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)vector_at("refusals"), name, value)
        check_refusal(name, test_unhex(json_string_value(json_object_get(value, "octets"))),
                      json_integer_value(json_object_get(value, "notification")));
}

static void refuses_every_cut(void)
{
    struct bench *bench = bench_new(NULL);
    struct gk_octets rtj = vector_octets("messages/RTJ");
    struct gk_peer from = bench_peer(1);

    for (size_t size = 0; size < rtj.size; size++)
        bench_deliver(bench, &from, gk_octets(rtj.data, size));
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    CU_ASSERT_EQUAL(bench_status(bench).counts.refused, rtj.size);
    bench_deliver(bench, &from, rtj);
    CU_ASSERT_EQUAL(bench_sent_of(bench, GK_KEY_DOWNLOAD), 1);
    bench_free(bench);
}

/* A bit of the signed octets or of the signature is turned; certificates have their own tests. */
static void refuses_every_change(void)
{
    struct bench *bench = bench_new(NULL);
    struct gk_octets rtj = vector_octets("messages/RTJ");
    struct gk_secret changed = gk_secret_copy(rtj);
    struct gk_message message;
    struct gk_peer from = bench_peer(1);
    size_t end;

    parse(&message, rtj);
    end = message.signed_octets.size + 2 + message.signature.signature.size;
    for (size_t i = 0; i < end; i++) {
        changed.data[i] ^= 0x10;
        bench_deliver(bench, &from, gk_secret_octets(&changed));
        changed.data[i] ^= 0x10;
    }
    CU_ASSERT_EQUAL(bench->sent_count, 0);
    CU_ASSERT_EQUAL(bench_status(bench).pending, 0);
    gk_secret_free(&changed);
    bench_free(bench);
}

const struct test_suite suite_gcks_vectors = {
    "gcks_vectors",
    {
        {"makes the known KeyDL", makes_the_known_keydl},
        {"takes the known Ack", takes_the_known_ack},
        {"refuses what they refuse", refuses_what_they_refuse},
        {"refuses every cut", refuses_every_cut},
        {"refuses every change", refuses_every_change},
        {NULL, NULL},
    }};
