/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_LOG_LINE_H
#define GSAKMP_RUN_LOG_LINE_H
/* The text of one log line, in a buffer that a pipe takes whole (PIPE_BUF). Private. */
#include "gsakmp/run/log.h"

#define RUN_LINE_MOST 4096

struct run_line {
    char text[RUN_LINE_MOST];
    size_t size;
};

struct run_event {
    const char *program;
    const char *group; /* NULL: none */
    enum gk_level level;
    const char *code;
    uint16_t notification; /* 0: none */
    const char *text;
    uint64_t more; /* not 0: instead of text, how many were held back */
};

/* One line with its newline, stamped with the time of day. */
void run_line_make(struct run_line *line, enum run_log_form form, const struct run_event *event);

#endif
