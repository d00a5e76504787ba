/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/run/toy.h"

#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct gk_job base;
    struct gk_peer answer;
    sem_t *gate;
    bool ran;
};

static _Atomic unsigned alive;

unsigned toy_jobs_alive(void)
{
    return alive;
}

static void run_job(struct gk_job *base)
{
    struct job *job = (struct job *)base;

    if (job->gate)
        (void)sem_wait(job->gate);
    job->ran = true;
}

static void drop_job(struct gk_job *base)
{
    alive--;
    free(base);
}

struct gk_job *toy_job(enum gk_lane lane, const struct gk_peer *answer, void *gate)
{
    struct job *job = gk_alloc(1, sizeof *job);

    alive++;
    job->base = (struct gk_job){.run = run_job, .drop = drop_job, .lane = lane};
    if (answer)
        job->answer = *answer;
    job->gate = gate;
    return &job->base;
}

struct gk_group toy_group(const char *name)
{
    struct gk_group group = {.type = 2, .size = (uint8_t)(8 + strlen(name))};

    memcpy(group.value + 8, name, strlen(name));
    return group;
}

void toy_message(struct gk_writer *to, const struct gk_group *group, uint8_t exchange,
                 struct gk_octets body)
{
    gk_write_u8(to, group->type);
    gk_write_u8(to, group->size);
    gk_write_octets(to, gk_group_value(group));
    gk_write_u8(to, GK_PAYLOAD_NOTIFICATION);
    gk_write_u8(to, 1);
    gk_write_u8(to, exchange);
    gk_write_u32(to, 0);
    gk_write_u32(to, (uint32_t)(2 + (size_t)group->size + 11 + body.size));
    gk_write_octets(to, body);
}

struct gk_octets toy_body(struct gk_octets message)
{
    struct gk_reader reader = gk_reader(message);

    (void)gk_read_u8(&reader);
    (void)gk_read_octets(&reader, gk_read_u8(&reader));
    (void)gk_read_octets(&reader, 11);
    return gk_read_rest(&reader);
}

static void answer(struct toy *toy, const struct gk_peer *to, uint8_t exchange,
                   struct gk_octets body, struct gk_turn *turn)
{
    struct gk_writer writer = {0};

    toy_message(&writer, &toy->group, exchange, body);
    gk_turn_send(turn, to, gk_writer_octets(&writer));
    gk_writer_free(&writer);
}

static void record(struct toy *toy, struct gk_octets value, struct gk_turn *turn)
{
    uint8_t key[2] = {'e', toy->serial++};

    gk_turn_record(turn, gk_octets(key, sizeof key), value);
}

static void elsewhere(struct toy *toy, enum gk_transport transport, struct gk_octets body,
                      struct gk_turn *turn)
{
    struct gk_reader reader = gk_reader(body);
    struct gk_peer to = {.transport = transport, .address = {.family = 4, .ip = {127, 0, 0, 1}}};

    (void)gk_read_u8(&reader);
    to.address.port = gk_read_u16(&reader);
    answer(toy, &to, GK_KEY_DOWNLOAD, gk_read_rest(&reader), turn);
}

static void burst(struct toy *toy, const struct gk_peer *from, struct gk_octets body,
                  struct gk_turn *turn)
{
    for (uint8_t i = 0; body.size > 1 && i < body.data[1]; i++) {
        uint8_t numbered[1000] = {'b', i};

        answer(toy, from, GK_KEY_DOWNLOAD, gk_octets(numbered, sizeof numbered), turn);
    }
}

static void too_big(struct toy *toy, const struct gk_peer *from, struct gk_turn *turn)
{
    struct gk_secret zeros = gk_secret_new(70000);

    answer(toy, from, GK_KEY_DOWNLOAD, gk_secret_octets(&zeros), turn);
    gk_secret_free(&zeros);
}

static void obey(struct toy *toy, const struct gk_now *now, const struct gk_peer *from,
                 struct gk_octets body, struct gk_turn *turn)
{
    struct gk_peer group = {.transport = GK_UDP, .address = toy->multicast};
    char order = body.size ? (char)body.data[0] : '\0';

    if (order == 'e' || order == 'k')
        record(toy, body, turn);
    if (order == 'e' || order == 'n' || order == 'k')
        answer(toy, from, GK_KEY_DOWNLOAD, body, turn);
    if (order == 'c')
        answer(toy, from, GK_COOKIE_DOWNLOAD, body, turn);
    turn->keys_changed = order == 'k';
    if (order == 'T' || order == 'U')
        elsewhere(toy, order == 'T' ? GK_TCP : GK_UDP, body, turn);
    if (order == 'M')
        answer(toy, &group, GK_REKEY_EVENT, gk_octets(body.data + 1, body.size - 1), turn);
    if (order == 'b')
        burst(toy, from, body, turn);
    if (order == 'B')
        too_big(toy, from, turn);
    if (order == 'j' && body.size > 1)
        gk_turn_job(turn, toy_job((enum gk_lane)body.data[1], from, NULL));
    if (order == 't') {
        toy->waiting = *from;
        toy->due = now->ms + 20;
    }
}

static void enter(struct toy *toy)
{
    toy->reentered |= toy->inside;
    toy->inside = true;
}

static void leave(struct toy *toy, struct gk_turn *turn)
{
    turn->next_tick = toy->due ? toy->due : GK_NO_TICK;
    toy->inside = false;
}

static void message(void *self, const struct gk_now *now, const struct gk_peer *from,
                    struct gk_octets octets, struct gk_turn *turn)
{
    struct toy *toy = self;

    enter(toy);
    toy->messages++;
    toy->last_port = from->address.port;
    gk_turn_notice(turn, GK_INFO, "toy-message", 0, "%zu octets", octets.size);
    obey(toy, now, from, toy_body(octets), turn);
    leave(toy, turn);
}

static void tick(void *self, const struct gk_now *now, struct gk_turn *turn)
{
    struct toy *toy = self;

    enter(toy);
    toy->ticks++;
    toy->early |= !toy->due || now->ms < toy->due;
    toy->due = 0;
    answer(toy, &toy->waiting, GK_KEY_DOWNLOAD, gk_octets_of("tick"), turn);
    leave(toy, turn);
}

static void job_done(void *self, const struct gk_now *now, struct gk_job *base,
                     struct gk_turn *turn)
{
    struct toy *toy = self;
    struct job *job = (struct job *)base;

    (void)now;
    enter(toy);
    toy->jobs++;
    if (job->ran && !job->gate && toy->ordered < sizeof toy->order - 1)
        toy->order[toy->ordered++] = "rag"[base->lane];
    if (job->answer.address.family)
        answer(toy, &job->answer, GK_KEY_DOWNLOAD,
               gk_octets_of(job->ran ? "job ran" : "job did not run"), turn);
    base->drop(base);
    leave(toy, turn);
}

static void closed(void *self, const struct gk_now *now, const struct gk_peer *peer,
                   struct gk_turn *turn)
{
    struct toy *toy = self;

    (void)now;
    enter(toy);
    toy->closed++;
    toy->last_closed = *peer;
    leave(toy, turn);
}

struct gk_engine toy_engine(struct toy *toy)
{
    return (struct gk_engine){toy, message, tick, job_done, closed};
}
