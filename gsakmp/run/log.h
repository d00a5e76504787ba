/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_LOG_H
#define GSAKMP_RUN_LOG_H
/*
 * Log lines: text or JSON, one line an event, on standard error or into a file (opened for
 * appending, opened again on SIGHUP). Lines are limited per code: after `burst` lines of one
 * code within a second the rest is counted and told in one line ("… and 812 more").
 * No secret is ever given to it; foreign text was escaped where it was made.
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
bool run_log_reopen(struct run_log *log, struct gk_reason *why) GK_MUST_USE;
void run_log_close(struct run_log *log);

#endif
