/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsakmp/run/log.h"
#include "tests/harness.h"

static char path[64];

static struct run_log *open_log(enum run_log_form form, enum gk_level least, unsigned burst)
{
    struct gk_reason why = {0};
    struct run_log *log;
    int fd;

    (void)strcpy(path, "/tmp/test-log-XXXXXX");
    fd = mkstemp(path);
    CU_ASSERT_TRUE(fd >= 0);
    close(fd);
    log = run_log_open("gcksd", path, form, least, burst, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    return log;
}

/* Closes the log and takes what it wrote. */
static char *close_log(struct run_log *log)
{
    struct gk_octets octets;
    char *text;

    run_log_close(log);
    octets = test_file(path);
    text = gk_alloc(octets.size + 1, 1);
    if (octets.size)
        memcpy(text, octets.data, octets.size);
    (void)unlink(path);
    return text;
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

static void a_line_has_its_parts(void)
{
    struct run_log *log = open_log(RUN_LOG_TEXT, GK_DEBUG, 0);
    struct gk_notice notice = {GK_NOTICE, "member-admitted", 23, "CN=Ann joined"};
    char *text;

    run_log_write(log, "video", &notice);
    text = close_log(log);
    CU_ASSERT_EQUAL(strlen(text), strlen("2026-01-31T12:00:00.000Z gcksd notice member-admitted "
                                         "[video] CN=Ann joined (notification 23)\n"));
    CU_ASSERT_TRUE(text[4] == '-' && text[10] == 'T' && text[19] == '.' && text[23] == 'Z');
    CU_ASSERT_STRING_EQUAL(text + 24, " gcksd notice member-admitted [video] CN=Ann joined "
                                      "(notification 23)\n");
    free(text);
}

static void levels_below_are_left_out(void)
{
    struct run_log *log = open_log(RUN_LOG_TEXT, GK_WARNING, 0);
    enum gk_level level;
    char *text;

    run_log_line(log, GK_NOTICE, "quiet", "not shown");
    run_log_line(log, GK_WARNING, "loud", "%d shown", 1);
    text = close_log(log);
    CU_ASSERT_PTR_NULL(strstr(text, "quiet"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " gcksd warning loud 1 shown\n"));
    free(text);
    CU_ASSERT_TRUE(run_log_level_parse("info", &level));
    CU_ASSERT_EQUAL(level, GK_INFO);
    CU_ASSERT_FALSE(run_log_level_parse("Info", &level));
}

static const char hostile[] = "a\nb\r\x1b[31m\x7f\"quoted\" \\back \xc3\xa9 \xff \x01 [group]";

static void one_event_is_one_line(void)
{
    struct run_log *log = open_log(RUN_LOG_TEXT, GK_DEBUG, 0);
    struct gk_notice notice = {.level = GK_INFO, .code = "code"};
    char *text;

    (void)strcpy(notice.text, hostile);
    run_log_write(log, "x] forged [\n", &notice);
    text = close_log(log);
    CU_ASSERT_EQUAL(lines_of(text), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "[x\\x5d forged \\x5b\\x0a] a\\x0ab\\x0d\\x1b[31m\\x7f"));
    for (const char *at = text; at[1]; at++)
        CU_ASSERT_TRUE(*at >= 0x20 && *at < 0x7f);
    free(text);
}

static void json_lines_are_json(void)
{
    struct run_log *log = open_log(RUN_LOG_JSON, GK_DEBUG, 0);
    struct gk_notice notice = {.level = GK_ERROR, .code = "code", .notification = 14};
    json_t *line;
    char *text;

    (void)strcpy(notice.text, hostile);
    run_log_write(log, "a \"group\"\n", &notice);
    text = close_log(log);
    CU_ASSERT_EQUAL(lines_of(text), 1);
    line = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "level")), "error");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(line, "group")), "a \"group\"\\x0a");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(line, "notification")), 14);
    CU_ASSERT_STRING_EQUAL(
        json_string_value(json_object_get(line, "text")),
        "a\\x0ab\\x0d\\x1b[31m\\x7f\"quoted\" \\back \\xc3\\xa9 \\xff \\x01 [group]");
    json_decref(line);
    free(text);
}

/* The longest notice of the worst octets is cut, and is JSON still. */
static void long_lines_stay_whole(void)
{
    for (int json = 0; json < 2; json++) {
        struct run_log *log = open_log(json ? RUN_LOG_JSON : RUN_LOG_TEXT, GK_DEBUG, 0);
        struct gk_notice notice = {.level = GK_ERROR, .code = "code", .notification = 65535};
        char group[300];
        char *text;

        memset(notice.text, 0xff, sizeof notice.text - 1);
        memset(group, 0xff, sizeof group - 1);
        group[sizeof group - 1] = '\0';
        run_log_write(log, group, &notice);
        text = close_log(log);
        CU_ASSERT_EQUAL(lines_of(text), 1);
        CU_ASSERT_TRUE(strlen(text) <= 4096);
        if (json) {
            json_t *line = json_loads(text, 0, NULL);

            CU_ASSERT_PTR_NOT_NULL(line);
            json_decref(line);
        }
        free(text);
    }
}

/* However the second turns: what was written and what was counted make up all. */
static void floods_are_counted(void)
{
    struct run_log *log = open_log(RUN_LOG_JSON, GK_DEBUG, 3);
    size_t told = 0;
    size_t held = 0;
    char *text;
    char *rest;
    char *at;

    for (int i = 0; i < 500; i++)
        run_log_line(log, GK_INFO, "flood", "line %d", i);
    run_log_line(log, GK_INFO, "other", "not limited by the flood");
    rest = text = close_log(log);
    while ((at = strsep(&rest, "\n")) && *at) {
        json_t *line = json_loads(at, 0, NULL);
        const json_t *more = json_object_get(line, "more");

        CU_ASSERT_PTR_NOT_NULL_FATAL(line);
        if (strcmp(json_string_value(json_object_get(line, "code")), "flood") == 0) {
            if (more)
                held += (size_t)json_integer_value(more);
            else
                told++;
        }
        json_decref(line);
    }
    CU_ASSERT_TRUE(told >= 3 && held > 0);
    CU_ASSERT_EQUAL(told + held, 500);
    free(text);
}

static void many_codes_are_limited_too(void)
{
    struct run_log *log = open_log(RUN_LOG_TEXT, GK_DEBUG, 1);
    static char codes[1000][8];
    char *text;

    for (size_t i = 0; i < 1000; i++) {
        (void)snprintf(codes[i], sizeof codes[i], "c%zu", i);
        run_log_line(log, GK_INFO, codes[i], "x");
    }
    text = close_log(log);
    CU_ASSERT_TRUE(lines_of(text) >= 256 && lines_of(text) < 1000);
    free(text);
}

static void a_file_is_opened_again(void)
{
    struct run_log *log = open_log(RUN_LOG_TEXT, GK_DEBUG, 0);
    struct gk_reason why = {0};
    char moved[80];
    char *text;

    run_log_line(log, GK_INFO, "before", "x");
    (void)snprintf(moved, sizeof moved, "%s.1", path);
    CU_ASSERT_EQUAL(rename(path, moved), 0);
    run_log_line(log, GK_INFO, "between", "x");
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0); /* cannot be opened for writing */
    CU_ASSERT_FALSE(run_log_reopen(log, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "log-open");
    run_log_line(log, GK_INFO, "still", "x");
    CU_ASSERT_EQUAL(rmdir(path), 0);
    CU_ASSERT_TRUE(run_log_reopen(log, &why));
    run_log_line(log, GK_INFO, "after", "x");
    text = close_log(log);
    CU_ASSERT_EQUAL(lines_of(text), 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, " after x"));
    free(text);
    CU_ASSERT_EQUAL(lines_of((const char *)test_file(moved).data), 3);
    (void)unlink(moved);
}

/* A FIFO that nobody empties: lines are lost and counted, the program goes on. */
static void a_full_pipe_does_not_block(void)
{
    struct gk_reason why = {0};
    struct run_log *log;
    char octets[65536];
    size_t total = 0;
    bool told = false;
    ssize_t got;
    int reader;

    (void)strcpy(path, "/tmp/test-fifo-XXXXXX");
    close(mkstemp(path));
    (void)unlink(path);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_PTR_NULL(run_log_open("x", path, RUN_LOG_TEXT, GK_DEBUG, 0, &why));
    reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    log = run_log_open("x", path, RUN_LOG_TEXT, GK_DEBUG, 0, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(log);
    for (int i = 0; i < 5000; i++)
        run_log_line(log, GK_INFO, "flood", "a line of some length that fills the pipe %d", i);
    while ((got = read(reader, octets, sizeof octets)) > 0)
        total += (size_t)got;
    run_log_flush(log);
    got = read(reader, octets, sizeof octets - 1);
    if (got > 0) {
        octets[got] = '\0';
        told = strstr(octets, "log-lines-lost") != NULL;
    }
    CU_ASSERT_TRUE(total > 0 && told);
    run_log_close(log);
    close(reader);
    (void)unlink(path);
}

const struct test_suite suite_log = {"log",
                                     {
                                         {"a line has its parts", a_line_has_its_parts},
                                         {"levels below are left out", levels_below_are_left_out},
                                         {"one event is one line", one_event_is_one_line},
                                         {"JSON lines are JSON", json_lines_are_json},
                                         {"long lines stay whole", long_lines_stay_whole},
                                         {"floods are counted", floods_are_counted},
                                         {"many codes are limited too", many_codes_are_limited_too},
                                         {"a file is opened again", a_file_is_opened_again},
                                         {"a full pipe does not block", a_full_pipe_does_not_block},
                                         {NULL, NULL},
                                     }};
