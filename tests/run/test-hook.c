/* SPDX-License-Identifier: Apache-2.0 */
/* Hook programs: good ones, and those that fail, hang, flood, are missing, or outlive. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsakmp/run/hook.h"
#include "tests/harness.h"
#include "tests/run/world.h"

struct stand {
    struct world world;
    char folder[32];
    char script[64];
    char out[64];
    const char *arguments[4];
    int64_t limit_ms;
    struct run_hook *hook;
    unsigned ended, failed;
    char failure[200];
    const char *input;
    struct run_hook_status status;
};

static void ended(void *context, const char *failure)
{
    struct stand *stand = context;

    stand->ended++;
    stand->failed += failure != NULL;
    if (failure)
        (void)snprintf(stand->failure, sizeof stand->failure, "%s", failure);
}

static void stopping(struct world *world)
{
    run_hook_stop(((struct stand *)world->context)->hook);
}

static void setup(struct world *world)
{
    struct stand *stand = world->context;
    struct run_hook_config config = {stand->arguments, stand->limit_ms, ended, stand};

    stand->hook = run_hook_new(world->run, &config);
}

/* A script; "$1" is the file that its output is looked for in, "$2" is `two words`. */
static void begin(struct stand *stand, const char *script, int64_t limit_ms)
{
    FILE *file;

    *stand = (struct stand){.limit_ms = limit_ms};
    (void)strcpy(stand->folder, "/tmp/test-hook-XXXXXX");
    if (!mkdtemp(stand->folder))
        CU_FAIL_FATAL("mkdtemp");
    (void)snprintf(stand->script, sizeof stand->script, "%s/hook", stand->folder);
    (void)snprintf(stand->out, sizeof stand->out, "%s/out", stand->folder);
    file = fopen(stand->script, "w");
    fprintf(file, "#!/bin/sh\n%s\n", script);
    (void)fclose(file);
    (void)chmod(stand->script, 0700);
    stand->arguments[0] = stand->script;
    stand->arguments[1] = stand->out;
    stand->arguments[2] = "two words";
    stand->world = (struct world){
        .toys = 1, .deaf = true, .setup = setup, .stopping = stopping, .context = stand};
    world_start(&stand->world);
}

static void call(struct world *world)
{
    struct stand *stand = world->context;
    struct gk_secret input = gk_secret_copy(gk_octets_of(stand->input));

    run_hook_call(stand->hook, &input);
    CU_ASSERT_PTR_NULL(input.data);
}

static void say(struct stand *stand, const char *input)
{
    stand->input = input;
    world_call(&stand->world, call);
}

static void look(struct world *world)
{
    struct stand *stand = world->context;

    run_hook_get_status(stand->hook, &stand->status);
}

static bool wait_until_ended(struct stand *stand, unsigned count)
{
    for (int i = 0; i < WORLD_PATIENCE * 100; i++) {
        world_call(&stand->world, look);
        if (stand->ended >= count && !stand->status.running)
            return true;
        usleep(10000);
    }
    return false;
}

/* What the script left in its file. */
static const char *left(const struct stand *stand)
{
    static char text[4096];
    FILE *file = fopen(stand->out, "r");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;

    if (file)
        (void)fclose(file);
    text[size] = '\0';
    return text;
}

static void finish(struct stand *stand)
{
    world_stop(&stand->world);
    run_hook_free(stand->hook);
    (void)unlink(stand->out);
    (void)unlink(stand->script);
    CU_ASSERT_EQUAL(rmdir(stand->folder), 0);
}

static void it_gets_all_on_its_input(void)
{
    struct stand stand;

    begin(&stand, "{ cat; echo \"$2|$#\"; pwd; env | sort; } >\"$1\"; echo noise", 10000);
    say(&stand, "one\ntwo\n");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_EQUAL(stand.failed, 0);
    CU_ASSERT_STRING_EQUAL(
        left(&stand), "one\ntwo\ntwo words|2\n/\nLANG=C\n"
                      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nPWD=/\n");
    CU_ASSERT_TRUE(stand.status.runs == 1 && stand.status.failures == 0);
    finish(&stand);
}

/* Also not one that the daemon was born with. */
static void it_gets_no_descriptor(void)
{
    struct stand stand;
    int born = open("/dev/null", O_RDONLY);

    CU_ASSERT_TRUE(dup2(born, 200) == 200);
    begin(&stand, "ls /proc/self/fd | tr '\\n' ' ' >\"$1\"", 10000);
    say(&stand, "");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(left(&stand), "0 1 2 3 "); /* 3 is what ls reads */
    finish(&stand);
    (void)close(200);
    (void)close(born);
}

static void its_failure_is_told(void)
{
    struct stand stand;

    begin(&stand, "echo 'no room\nand more' >&2; exit 7", 10000);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(stand.failure, "it ended with exit code 7: no room");
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 2));
    CU_ASSERT_TRUE(stand.status.runs == 2 && stand.status.failures == 2);
    CU_ASSERT_STRING_EQUAL(stand.status.failure, stand.failure);
    finish(&stand);
    begin(&stand, "kill -USR1 $$", 10000);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(stand.failure, "it was ended by signal 10");
    finish(&stand);
}

static void one_that_is_missing(void)
{
    struct stand stand;

    begin(&stand, "", 10000);
    (void)unlink(stand.script);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(stand.failure, "it cannot be started: no such file or directory");
    say(&stand, "y");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 2));
    finish(&stand);
}

/* SIGTERM is enough for one, the other needs SIGKILL, and takes its children along. */
static void one_that_hangs(void)
{
    struct stand stand;
    char pid[32];

    begin(&stand, "cat >/dev/null; exec sleep 60", 100);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(stand.failure, "it took longer than 100 ms and was ended");
    finish(&stand);
    begin(&stand, "trap '' TERM; sleep 60 & echo $! >\"$1\"; wait; wait", 100);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_STRING_EQUAL(stand.failure, "it took longer than 100 ms and was ended");
    (void)snprintf(pid, sizeof pid, "/proc/%d", atoi(left(&stand)));
    for (int i = 0; i < 200 && access(pid, F_OK) == 0; i++)
        usleep(10000);
    CU_ASSERT_NOT_EQUAL(access(pid, F_OK), 0);
    finish(&stand);
}

static void one_that_floods(void)
{
    struct stand stand;

    begin(&stand, "yes ha >&2", 10000);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_NOT_EQUAL(strstr(stand.failure, ": ha"), NULL);
    finish(&stand);
    begin(&stand, "yes >/dev/stdout & sleep 0.2; kill $!", 10000);
    say(&stand, "x");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_EQUAL(stand.failed, 0);
    finish(&stand);
}

static void one_at_a_time_and_the_latest_wins(void)
{
    struct stand stand;

    begin(&stand, "cat >>\"$1\"; sleep 0.3; echo . >>\"$1\"", 10000);
    say(&stand, "1");
    say(&stand, "2");
    say(&stand, "3");
    say(&stand, "4");
    CU_ASSERT_TRUE(wait_until_ended(&stand, 2));
    CU_ASSERT_STRING_EQUAL(left(&stand), "1.\n4.\n");
    CU_ASSERT_EQUAL(stand.status.runs, 2);
    CU_ASSERT_EQUAL(stand.status.skipped, 2);
    finish(&stand);
}

/* One that reads nothing of a long input holds up nobody. */
static void one_that_does_not_read(void)
{
    struct stand stand;
    char *much = malloc(4 << 20);

    memset(much, 'x', (4 << 20) - 1);
    much[(4 << 20) - 1] = '\0';
    begin(&stand, "exec sleep 60", 300);
    say(&stand, much);
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_EQUAL(stand.failed, 1);
    finish(&stand);
    begin(&stand, "exit 0", 10000);
    say(&stand, much);
    CU_ASSERT_TRUE(wait_until_ended(&stand, 1));
    CU_ASSERT_EQUAL(stand.failed, 0);
    finish(&stand);
    free(much);
}

/* The end of the daemon is not held up, and what runs is told. */
static void the_end_comes_meanwhile(void)
{
    struct stand stand;

    begin(&stand, "trap 'echo told >\"$1\"; exit' TERM; echo up >\"$1\"; sleep 60 & wait", 60000);
    say(&stand, "x");
    say(&stand, "y");
    for (int i = 0; i < WORLD_PATIENCE * 100 && !*left(&stand); i++)
        usleep(10000);
    world_stop(&stand.world);
    for (int i = 0; i < WORLD_PATIENCE * 100 && strcmp(left(&stand), "told\n") != 0; i++)
        usleep(10000);
    CU_ASSERT_STRING_EQUAL(left(&stand), "told\n");
    CU_ASSERT_EQUAL(stand.ended, 0);
    run_hook_free(stand.hook);
    (void)unlink(stand.out);
    (void)unlink(stand.script);
    CU_ASSERT_EQUAL(rmdir(stand.folder), 0);
}

static bool refused(const char *path, const char *code)
{
    struct gk_reason why = {.code = "none"};

    return !run_hook_judge(path, &why) && strcmp(why.code, code) == 0;
}

static void paths_are_judged(void)
{
    struct stand stand;

    begin(&stand, "exit 0", 10000);
    CU_ASSERT_TRUE(run_hook_judge(stand.script, NULL));
    CU_ASSERT_TRUE(refused("hook", "hook-path"));
    CU_ASSERT_TRUE(refused("/nonexistent/hook", "hook-path"));
    CU_ASSERT_TRUE(refused(stand.folder, "hook-path"));
    (void)chmod(stand.folder, 0770);
    CU_ASSERT_TRUE(refused(stand.script, "hook-mode"));
    (void)chmod(stand.folder, 0703);
    CU_ASSERT_TRUE(refused(stand.script, "hook-mode"));
    (void)chmod(stand.folder, 01777); /* as /tmp, where none removes what is another's */
    CU_ASSERT_TRUE(run_hook_judge(stand.script, NULL));
    (void)chmod(stand.folder, 0700);
    (void)chmod(stand.script, 0720);
    CU_ASSERT_TRUE(refused(stand.script, "hook-mode"));
    (void)chmod(stand.script, 0702);
    CU_ASSERT_TRUE(refused(stand.script, "hook-mode"));
    (void)chmod(stand.script, 0600);
    CU_ASSERT_TRUE(refused(stand.script, "hook-path"));
    if (geteuid() == 0) {
        (void)chmod(stand.script, 0755);
        CU_ASSERT_EQUAL(chown(stand.script, 65534, 65534), 0);
        CU_ASSERT_TRUE(refused(stand.script, "hook-mode"));
    }
    finish(&stand);
}

const struct test_suite suite_hook = {
    "hook",
    {
        {"it gets all on its input", it_gets_all_on_its_input},
        {"it gets no descriptor", it_gets_no_descriptor},
        {"its failure is told", its_failure_is_told},
        {"one that is missing", one_that_is_missing},
        {"one that hangs", one_that_hangs},
        {"one that floods", one_that_floods},
        {"one at a time, and the latest wins", one_at_a_time_and_the_latest_wins},
        {"one that does not read", one_that_does_not_read},
        {"the end comes meanwhile", the_end_comes_meanwhile},
        {"paths are judged", paths_are_judged},
        {NULL, NULL},
    }};
