/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/secure.h"

#include <errno.h>
#include <grp.h>
#include <jansson.h>
#include <malloc.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static bool failed(struct gk_reason *why, const char *code, const char *what)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, code, "%s: %s", what, strerror(errno));
}

/* LeakSanitizer looks at the process as a debugger does and would end it. */
static bool hide_memory(void)
{
    return RUN_SANITIZED || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

bool run_secure_process(bool lock_memory, struct gk_reason *why)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_CORE, &none) != 0 || !hide_memory())
        return failed(why, "secure-core", "core dumps cannot be switched off");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed(why, "secure-privileges", "new privileges cannot be ruled out");
    if (lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        return failed(why, "secure-memlock",
                      "memory cannot be locked (CAP_IPC_LOCK or LimitMEMLOCK is needed)");
    return true;
}

static void free_wiped(void *memory)
{
    if (memory)
        gk_wipe(memory, malloc_usable_size(memory));
    free(memory);
}

void run_secure_json(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
}

size_t run_secure_files(size_t files)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < files) {
        limit.rlim_cur = limit.rlim_max < files ? limit.rlim_max : files;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur;
}

static bool give_up_root(const struct passwd *user, struct gk_reason *why)
{
    if (initgroups(user->pw_name, user->pw_gid) != 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return failed(why, "secure-user", "root cannot be given up");
    if (user->pw_uid != 0 && (setuid(0) == 0 || geteuid() != user->pw_uid)) {
        errno = EPERM;
        return failed(why, "secure-user", "root was given up and is still there");
    }
    return true;
}

bool run_secure_become(const char *user, struct gk_reason *why)
{
    const struct passwd *entry;

    errno = 0;
    entry = getpwnam(user);
    if (!entry)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "secure-user", "there is no user %.64s%s%s",
                         user, errno ? ": " : "", errno ? strerror(errno) : "");
    if (geteuid() == entry->pw_uid && getuid() == entry->pw_uid)
        return true;
    if (geteuid() != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "secure-user",
                         "only root can become user %.64s; start the program as root or as it",
                         user);
    return give_up_root(entry, why);
}
