/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/gcks-bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors.h"
#include "token/cms.h"
#include "token/der.h"

static _Noreturn void give_up(const char *what, const struct gk_reason *why)
{
    fprintf(stderr, "\n%s: %s\n", what, why->text);
    exit(2);
}

/* --- turns ------------------------------------------------------------------------------ */

static size_t place_of(const struct bench *bench, struct gk_octets key)
{
    size_t at = 0;

    while (at < bench->record_count && gk_octets_compare(bench->records[at].key, key) < 0)
        at++;
    return at;
}

static void drop_record(struct bench *bench, size_t at)
{
    free((void *)(uintptr_t)bench->records[at].key.data);
    gk_secret_free(&bench->records[at].value);
    bench->record_count--;
    memmove(&bench->records[at], &bench->records[at + 1],
            (bench->record_count - at) * sizeof *bench->records);
}

static void store(struct bench *bench, const struct gk_record *record)
{
    size_t at = place_of(bench, record->key);
    struct gk_secret key;

    if (at < bench->record_count && gk_octets_compare(bench->records[at].key, record->key) == 0)
        drop_record(bench, at);
    if (record->gone)
        return;
    bench->records = gk_realloc(bench->records, bench->record_count + 1, sizeof *bench->records);
    memmove(&bench->records[at + 1], &bench->records[at],
            (bench->record_count - at) * sizeof *bench->records);
    bench->record_count++;
    key = gk_secret_copy(record->key);
    bench->records[at] = (struct gk_record){
        gk_octets(key.data, key.size), gk_secret_copy(gk_secret_octets(&record->value)), false};
}

static void run_job(struct bench *bench, struct gk_job *job)
{
    struct gk_engine engine = gcks_engine(bench->gcks);
    struct gk_turn turn = {0};

    job->run(job);
    engine.job(engine.self, &bench->now, job, &turn);
    bench_turn(bench, &turn);
}

static void keep_what_came(struct bench *bench, struct gk_turn *turn)
{
    for (size_t i = 0; i < turn->send_count; i++) {
        bench->sent = gk_realloc(bench->sent, bench->sent_count + 1, sizeof *bench->sent);
        bench->sent[bench->sent_count++] =
            (struct bench_sent){turn->sends[i].to, turn->sends[i].octets};
        turn->sends[i].octets = (struct gk_secret){0};
    }
    for (size_t i = 0; i < turn->notice_count; i++) {
        bench->notices =
            gk_realloc(bench->notices, bench->notice_count + 1, sizeof *bench->notices);
        bench->notices[bench->notice_count++] = turn->notices[i];
    }
}

static void take_jobs(struct bench *bench, struct gk_turn *turn)
{
    unsigned life = bench->lives;

    for (size_t i = 0; i < turn->job_count; i++) {
        struct gk_job *job = turn->jobs[i];

        if (bench->lives != life)
            job->drop(job);
        else if (!bench->hold_jobs)
            run_job(bench, job);
        else if (bench->job_count < sizeof bench->jobs / sizeof(struct gk_job *))
            bench->jobs[bench->job_count++] = job;
        else
            abort();
    }
    turn->job_count = 0;
}

void bench_turn(struct bench *bench, struct gk_turn *turn)
{
    struct gk_turn mine = *turn;

    *turn = (struct gk_turn){0};
    for (size_t i = 0; i < mine.record_count; i++)
        store(bench, &mine.records[i]);
    if (++bench->turns == bench->crash_at) {
        bench_restart(bench);
    } else {
        keep_what_came(bench, &mine);
        bench->next_tick = mine.next_tick;
        take_jobs(bench, &mine);
    }
    gk_turn_free(&mine);
}

void bench_run_job(struct bench *bench, size_t index)
{
    struct gk_job *job = bench->jobs[index];

    bench->job_count--;
    memmove(&bench->jobs[index], &bench->jobs[index + 1],
            (bench->job_count - index) * sizeof(struct gk_job *));
    run_job(bench, job);
}

void bench_deliver(struct bench *bench, const struct gk_peer *from, struct gk_octets octets)
{
    struct gk_engine engine = gcks_engine(bench->gcks);
    struct gk_turn turn = {0};

    engine.message(engine.self, &bench->now, from, octets, &turn);
    bench_turn(bench, &turn);
}

void bench_pass(struct bench *bench, int64_t ms)
{
    int64_t end = bench->now.ms + ms;

    while (bench->now.ms < end || bench->next_tick <= bench->now.ms) {
        struct gk_engine engine = gcks_engine(bench->gcks);
        int64_t next = bench->next_tick < end ? bench->next_tick : end;
        struct gk_turn turn = {0};

        if (next < bench->now.ms)
            next = bench->now.ms;
        bench->now.utc += next / 1000 - bench->now.ms / 1000;
        bench->now.ms = next;
        engine.tick(engine.self, &bench->now, &turn);
        bench_turn(bench, &turn);
    }
}

void bench_restart(struct bench *bench)
{
    struct gk_reason why = {0};
    struct gk_turn turn = {0};

    for (size_t i = 0; i < bench->job_count; i++)
        bench->jobs[i]->drop(bench->jobs[i]);
    bench->job_count = 0;
    bench->lives++;
    gcks_free(bench->gcks);
    bench->gcks = gcks_restore(&bench->config, bench->records, bench->record_count, false,
                               &bench->now, &turn, &why);
    if (!bench->gcks)
        give_up("gcks_restore", &why);
    bench_turn(bench, &turn);
}

void bench_forget(struct bench *bench)
{
    for (size_t i = 0; i < bench->sent_count; i++)
        gk_secret_free(&bench->sent[i].octets);
    bench->sent_count = bench->notice_count = 0;
}

/* --- life --------------------------------------------------------------------------------- */

static void fill(struct bench *bench)
{
    static struct gk_octets roots[1];
    struct gk_reason why;

    roots[0] = vector_octets("entities/root/certificate");
    bench->now = (struct gk_now){.ms = 1000000, .utc = TEST_NOW};
    if (!gk_group_set(&bench->policy.group, 2, vector_octets("group/value"), &why))
        give_up("group", &why);
    bench->policy.owner = gk_octets_of(vector_text("entities/owner/name"));
    bench->policy.trust.roots = roots;
    bench->policy.trust.root_count = 1;
    bench->policy.skew = 300;
    bench->random = test_random(42);
    if (!gk_signer_open_seed(&bench->signer, vector_octets("entities/gcks/seed"), &why))
        give_up("signer", &why);
    bench->certificates[0] = vector_octets("entities/gcks/certificate");
    bench->certificates[1] = vector_octets("entities/inter/certificate");
    bench->config = (struct gcks_config){
        .policy = &bench->policy,
        .random = &bench->random,
        .credential = {{&bench->signer, bench->certificates, 2}},
        .credential_count = 1,
        .rekey = {{.family = 4, .ip = {239, 1, 2, 3}, .port = 3762}},
        .rekey_count = 1,
        .degree = 2,
        .capacity = 8,
        .single_group = true,
    };
}

struct bench *bench_with(struct gk_octets token, void (*change)(struct gcks_config *config))
{
    struct bench *bench = gk_alloc(1, sizeof *bench);
    struct gk_reason why = {0};
    struct gk_turn turn = {0};

    fill(bench);
    bench->token = token;
    if (change)
        change(&bench->config);
    bench->gcks = gcks_new(&bench->config, token, &bench->now, &turn, &why);
    if (!bench->gcks)
        give_up("gcks_new", &why);
    bench_turn(bench, &turn);
    return bench;
}

struct bench *bench_new(void (*change)(struct gcks_config *config))
{
    return bench_with(vector_octets("tokens/recommended/signed"), change);
}

void bench_free(struct bench *bench)
{
    for (size_t i = 0; i < bench->job_count; i++)
        bench->jobs[i]->drop(bench->jobs[i]);
    gcks_free(bench->gcks);
    bench_forget(bench);
    while (bench->record_count)
        drop_record(bench, bench->record_count - 1);
    gk_signer_free(&bench->signer);
    free(bench->records);
    free(bench->notices);
    free(bench->sent);
    free(bench);
}

/* --- what came -------------------------------------------------------------------------------- */

const struct gk_notice *bench_noticed(const struct bench *bench, const char *code)
{
    for (size_t i = bench->notice_count; i-- > 0;) {
        if (strcmp(bench->notices[i].code, code) == 0)
            return &bench->notices[i];
    }
    return NULL;
}

static uint8_t exchange_of(struct gk_octets octets)
{
    return octets.size > 4 ? octets.data[2 + octets.data[1] + 2] : 0;
}

const struct bench_sent *bench_sent_at(const struct bench *bench, uint8_t exchange, size_t index)
{
    static const struct bench_sent none;

    for (size_t i = 0; i < bench->sent_count; i++) {
        if (exchange_of(gk_secret_octets(&bench->sent[i].octets)) == exchange && index-- == 0)
            return &bench->sent[i];
    }
    return &none;
}

size_t bench_sent_of(const struct bench *bench, uint8_t exchange)
{
    size_t count = 0;

    while (bench_sent_at(bench, exchange, count)->octets.size)
        count++;
    return count;
}

size_t bench_records(const struct bench *bench, char kind)
{
    size_t count = 0;

    for (size_t i = 0; i < bench->record_count; i++)
        count += bench->records[i].key.data[0] == (uint8_t)kind;
    return count;
}

struct gcks_status bench_status(const struct bench *bench)
{
    struct gcks_status status;

    gcks_get_status(bench->gcks, &bench->now, &status);
    return status;
}

struct gk_peer bench_peer(unsigned number)
{
    return (struct gk_peer){.address = {.family = 4,
                                        .ip = {192, 0, 2, (uint8_t)number},
                                        .port = (uint16_t)(4000 + number)}};
}

bool bench_rekey(struct bench *bench)
{
    struct gk_turn turn = {0};
    bool good = gcks_rekey(bench->gcks, &bench->now, &turn, NULL);

    bench_turn(bench, &turn);
    return good;
}

bool bench_evict(struct bench *bench, const char *name)
{
    struct gk_octets names[1] = {gk_octets_of(name)};
    struct gk_turn turn = {0};
    bool good = gcks_evict(bench->gcks, names, 1, &bench->now, &turn, NULL);

    bench_turn(bench, &turn);
    return good;
}

bool bench_try(struct bench *bench, struct gk_octets token, enum gcks_publishing how,
               struct gk_reason *why)
{
    struct gk_turn turn = {0};
    bool good = gcks_publish(bench->gcks, token, how, &bench->now, &turn, why);

    bench_turn(bench, &turn);
    return good;
}

bool bench_publish(struct bench *bench, struct gk_octets token, struct gk_reason *why)
{
    return bench_try(bench, token, GCKS_ANYWAY, why);
}

/* --- tokens ---------------------------------------------------------------------------------- */

static void exclude(struct token *token, const char *name)
{
    struct token_access *access = &token->registrations[0].join.registration->access[0];
    struct token_pair *pair;

    access->has_exclusions = true;
    pair = token_append(token, (void **)&access->exclusions_rule.at, &access->exclusions_rule.count,
                        sizeof *pair);
    pair->id_type = 31;
    pair->id = token_octets(token, gk_octets_of(name));
    pair->ca = token_octets(token, vector_octets("entities/root/ski"));
}

static void demand(struct token *token, int64_t permission)
{
    struct token_access *access = &token->registrations[0].join.registration->access[0];
    int64_t *level;

    access->has_permissions = true;
    level = token_append(token, (void **)&access->permissions, &access->permission_count,
                         sizeof *level);
    *level = permission;
}

static void set_gtpk(struct token *token, uint32_t id)
{
    const uint8_t octets[4] = {(uint8_t)(id >> 24), (uint8_t)(id >> 16), (uint8_t)(id >> 8),
                               (uint8_t)id};
    struct token_data *data = token->datas[0].data;
    struct token_key_info *info =
        data->encryption.present ? &data->encryption : &data->authentication;

    info->key_id = token_octets(token, gk_octets(octets, sizeof octets));
}

static void change_token(struct token *token, const struct bench_token *want)
{
    struct token_register *join = token->registrations[0].join.registration;
    struct token_rekey *rekey = token->rekeys[0].rekey;

    token->edition = want->edition;
    if (want->exclude)
        exclude(token, want->exclude);
    if (want->every)
        rekey->event_kind = want->every > 0 ? TOKEN_TIME_ONLY : TOKEN_NEVER;
    if (want->every > 0)
        rekey->event_time = (struct token_life){TOKEN_LIFE_INTERVAL, want->every};
    if (want->interval)
        rekey->interval = (struct token_life){TOKEN_LIFE_INTERVAL, want->interval};
    if (want->resend) {
        rekey->reliability = TOKEN_RELIABILITY_RESEND;
        rekey->resend = want->resend;
    }
    if (want->no_method)
        rekey->method = TOKEN_METHOD_NONE;
    if (want->gcks) {
        join->gcks.at[0].id = token_octets(token, gk_octets_of(want->gcks));
        rekey->authorization.at[0].id = join->gcks.at[0].id;
    }
    if (want->member)
        join->access[0].access_rule.at[0].id = token_octets(token, gk_octets_of(want->member));
    if (want->permission)
        demand(token, want->permission);
    if (want->gtpk)
        set_gtpk(token, want->gtpk);
    if (want->change)
        want->change(token);
}

static struct gk_octets entity(const char *name, const char *part)
{
    char *path = gk_format("entities/%s/%s", name, part);
    struct gk_octets octets = vector_octets(path);

    free(path);
    return octets;
}

struct gk_octets bench_token(const struct bench_token *want)
{
    const char *by = want->by ? want->by : "owner";
    struct gk_octets certificates[2] = {entity(by, "certificate"),
                                        vector_octets("entities/inter/certificate")};
    struct gk_reason why = {0};
    struct token *token = token_from_der(vector_octets("tokens/recommended/der"), &why);
    struct gk_signer owner = {0};
    struct gk_writer der = {0};
    struct gk_writer to = {0};
    struct gk_octets octets;
    char *hex;

    if (!token || !gk_signer_open_seed(&owner, entity(by, "seed"), &why))
        give_up("token", &why);
    change_token(token, want);
    if (!token_to_der(token, &der, &why) ||
        !cms_sign(gk_writer_octets(&der), certificates, 2, &owner, want->at ? want->at : TEST_NOW,
                  &to, &why))
        give_up("token", &why);
    hex = gk_hex(gk_writer_octets(&to));
    octets = test_unhex(hex);
    free(hex);
    token_free(token);
    gk_signer_free(&owner);
    gk_writer_free(&der);
    gk_writer_free(&to);
    return octets;
}
