/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000
#define EVERY_MS 200

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct progress progress_begin(const char *what, size_t total)
{
    return (struct progress){.what = what,
                             .total = total,
                             .terminal = isatty(STDERR_FILENO) == 1,
                             .next = now_ms() + FIRST_MS};
}

void progress_at(struct progress *progress, size_t done)
{
    int64_t now;

    if (!progress->terminal)
        return;
    now = now_ms();
    if (now < progress->next)
        return;
    if (progress->total)
        fprintf(stderr, "\r\x1b[K%zu of %zu %s (%zu %%)", done, progress->total, progress->what,
                100 * done / progress->total);
    else
        fprintf(stderr, "\r\x1b[K%zu %s", done, progress->what);
    (void)fflush(stderr);
    progress->shown = true;
    progress->next = now + EVERY_MS;
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        fputs("\r\x1b[K", stderr);
        (void)fflush(stderr);
    }
    progress->shown = false;
}
