/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_LOG_H
#define GSAKMP_RUN_LOG_H
/*
 * Log lines: text or JSON, one line an event, on standard error or into a file (opened for
 * appending, opened again on SIGHUP). Lines are limited per code: after `burst` lines of one
 * code within a second the rest is counted and told in one line ("and 812 more"); 0 lets
 * every line through. No secret is ever given to it; foreign text was escaped where it was
 * made, and what is not printable ASCII is escaped here again, so that one event is one line.
 * A reader that does not keep up (a full pipe) loses lines, which are counted, and never
 * holds the program.
 *
 * Text: 2026-01-31T12:00:00.000Z gcksd notice member-admitted [video] CN=Ann joined
 * JSON: {"time":"...","program":"...","level":"...","code":"...","group":"...",
 *        "notification":14,"text":"..."}; group and notification when there are any.
 */
#include "gsakmp/engine.h"

enum run_log_form { RUN_LOG_TEXT, RUN_LOG_JSON };

struct run_log;
/* `path` NULL: standard error. */
struct run_log *run_log_open(const char *program, const char *path, enum run_log_form form,
                             enum gk_level least, unsigned burst, struct gk_reason *why);
void run_log_write(struct run_log *log, const char *group, const struct gk_notice *notice);
void run_log_line(struct run_log *log, enum gk_level level, const char *code, const char *format,
                  ...) GK_PRINTF(4, 5);
/* Tells what the limits have held back in seconds that are over; the runtime calls it. */
void run_log_flush(struct run_log *log);
/* The file by its name again; the old one stays in use when that fails. */
bool run_log_reopen(struct run_log *log, struct gk_reason *why) GK_MUST_USE;
const char *run_log_level_name(enum gk_level level);
/* "debug" to "error"; false when it is none of them. */
bool run_log_level_parse(const char *name, enum gk_level *level) GK_MUST_USE;
void run_log_close(struct run_log *log);

#endif
