/* SPDX-License-Identifier: Apache-2.0 */
/* Each case runs in a child: what it gives up is not to be had back. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gsakmp/run/secure.h"
#include "tests/harness.h"

static bool in_child(bool (*check)(void))
{
    int status = -1;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(check() ? 0 : 1);
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool check_process(void)
{
    struct rlimit core = {1, 1};
    struct gk_reason why;

    if (!run_secure_process(false, &why) || getrlimit(RLIMIT_CORE, &core) != 0)
        return false;
    if (!RUN_SANITIZED && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return false;
    return core.rlim_cur == 0 && core.rlim_max == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static void no_core_and_no_privileges(void)
{
    CU_ASSERT_TRUE(in_child(check_process));
}

/* Sanitizers make mlockall do nothing. */
static bool check_no_lock(void)
{
    const struct rlimit none = {0, 0};
    struct gk_reason why = {0};

    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
        return false;
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return false;
    if (RUN_SANITIZED)
        return run_secure_process(true, &why);
    return !run_secure_process(true, &why) && strcmp(why.code, "secure-memlock") == 0;
}

static void memory_that_cannot_be_locked_is_told(void)
{
    CU_ASSERT_TRUE(in_child(check_no_lock));
}

static bool check_files(void)
{
    struct rlimit limit = {16, 32};

    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && run_secure_files(24) == 24 &&
           run_secure_files(20) == 24 && run_secure_files(100) == 32;
}

static void files_are_raised_to_the_hard_limit(void)
{
    CU_ASSERT_TRUE(in_child(check_files));
}

static bool check_become(void)
{
    struct gk_reason why = {0};

    if (geteuid() == 0)
        return run_secure_become("nobody", &why) && geteuid() != 0 && setuid(0) != 0 &&
               run_secure_become("nobody", &why) && !run_secure_become("root", &why) &&
               strcmp(why.code, "secure-user") == 0;
    return !run_secure_become("root", &why) && strcmp(why.code, "secure-user") == 0;
}

static bool check_no_user(void)
{
    struct gk_reason why = {0};

    return !run_secure_become("no such user", &why) && strcmp(why.code, "secure-user") == 0;
}

static void root_is_given_up_for_good(void)
{
    CU_ASSERT_TRUE(in_child(check_become));
    CU_ASSERT_TRUE(in_child(check_no_user));
}

static bool check_json(void)
{
    json_malloc_t allocate;
    json_free_t release;
    json_t *object;
    char *text;

    run_secure_json();
    json_get_alloc_funcs(&allocate, &release);
    object = json_pack("{s:s}", "key", "secret");
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (release == free || strcmp(text, "{\"key\":\"secret\"}") != 0)
        return false;
    free(text); /* plain free goes with it, too */
    release(NULL);
    return true;
}

static void json_is_wiped(void)
{
    CU_ASSERT_TRUE(in_child(check_json));
}

const struct test_suite suite_secure = {
    "secure",
    {
        {"no core and no privileges", no_core_and_no_privileges},
        {"memory that cannot be locked is told", memory_that_cannot_be_locked_is_told},
        {"files are raised to the hard limit", files_are_raised_to_the_hard_limit},
        {"root is given up for good", root_is_given_up_for_good},
        {"JSON is wiped", json_is_wiped},
        {NULL, NULL},
    }};
