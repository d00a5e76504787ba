/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams leave in order, at most so many octets a second, with no gap above a second. */
#include "gsakmp/run/inside.h"

#include <errno.h>
#include <stdlib.h>

#define NS_A_SECOND UINT64_C(1000000000)
/* What may be late without being caught up: the timer's grain. */
#define GRAIN (4 * NS_A_SECOND / 1000)
/* Octets that wait; beyond that datagrams are lost here instead of in the network. */
#define WAITING_MOST ((size_t)64 << 20)
#define RETRY_MS     2

static void pump(struct run *run);

static void due(uv_timer_t *timer)
{
    struct run *run = timer->data;

    pump(run);
    run_settle(run);
}

void run_pace_init(struct run *run)
{
    run->out_last = &run->out;
    (void)uv_timer_init(&run->loop, &run->pace);
    run->pace.data = run;
}

static void drop_first(struct run *run)
{
    struct run_datagram *first = run->out;

    run->out = first->next;
    if (!run->out)
        run->out_last = &run->out;
    run->out_count--;
    run->out_octets -= first->octets.size;
    gk_secret_free(&first->octets);
    free(first);
}

void run_pace_drop(struct run *run)
{
    while (run->out)
        drop_first(run);
}

static void tell_failure(struct run *run, const struct run_datagram *datagram, int error)
{
    char text[GK_ADDRESS_TEXT];

    run->counts.sends_failed++;
    if (error == EMSGSIZE)
        RUN_LOG(run, GK_WARNING, "datagram-too-big",
                "a message of %zu octets to %s is too big for UDP; use TCP or smaller messages",
                datagram->octets.size, gk_address_format(&datagram->to.address, text));
    else
        RUN_LOG(run, GK_INFO, "datagram-not-sent", "a message of %zu octets to %s: %s",
                datagram->octets.size, gk_address_format(&datagram->to.address, text),
                uv_strerror(-error));
}

/* An ICMP error of an earlier datagram may be told here: this one is then tried again. */
static int send_first(struct run *run)
{
    const struct run_datagram *first = run->out;
    int error = run_datagram_send(run, &first->to, gk_secret_octets(&first->octets));

    if (error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH)
        error = run_datagram_send(run, &first->to, gk_secret_octets(&first->octets));
    return error;
}

static void charge(struct run *run, size_t size, uint64_t now)
{
    uint64_t rate = run->config.octets_a_second;
    uint64_t gap = rate ? (uint64_t)size * NS_A_SECOND / rate : 0;

    if (run->out_next + GRAIN < now)
        run->out_next = now;
    run->out_next += gap < NS_A_SECOND ? gap : NS_A_SECOND;
}

static void pump(struct run *run)
{
    uint64_t wait = 0;

    while (run->out) {
        uint64_t now = uv_hrtime();
        int error;

        if (run->out_next > now) {
            wait = (run->out_next - now) / 1000000 + 1;
            break;
        }
        error = send_first(run);
        if (error == EAGAIN || error == ENOBUFS) {
            wait = RETRY_MS;
            break;
        }
        if (error)
            tell_failure(run, run->out, error);
        else
            run->counts.datagrams_out++;
        charge(run, run->out->octets.size, now);
        drop_first(run);
    }
    if (run->out)
        (void)uv_timer_start(&run->pace, due, wait, 0);
}

void run_pace_send(struct run *run, struct gk_send *send)
{
    struct run_datagram *datagram = gk_alloc(1, sizeof *datagram);

    datagram->to = send->to;
    datagram->octets = send->octets;
    send->octets = (struct gk_secret){0};
    if (run->out_octets + datagram->octets.size > WAITING_MOST) {
        tell_failure(run, datagram, ENOBUFS);
        gk_secret_free(&datagram->octets);
        free(datagram);
        return;
    }
    run->out_octets += datagram->octets.size;
    run->out_count++;
    *run->out_last = datagram;
    run->out_last = &datagram->next;
    if (!uv_is_active((uv_handle_t *)&run->pace))
        pump(run);
}
