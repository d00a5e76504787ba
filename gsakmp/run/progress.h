/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H
/*
 * How far a long command has come: a line on standard error that writes itself over, when that is
 * a terminal and the command runs over a second; in a pipe nothing.
 *
 *     struct progress progress = progress_begin("certificates", 10000);
 *     for (...) {
 *         progress_at(&progress, i);      cheap; as often as one likes
 *         ...
 *     }
 *     progress_end(&progress);            takes the line away; before other lines are written
 */
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct progress {
    const char *what;
    size_t total; /* 0: not known */
    bool terminal, shown;
    int64_t next; /* when to write, in ms of the monotonic clock */
};

struct progress progress_begin(const char *what, size_t total);
void progress_at(struct progress *progress, size_t done);
void progress_end(struct progress *progress);

#endif
