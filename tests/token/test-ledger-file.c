/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's file: a program that ends at any step leaves the old or the new contents, and no
 * lock. */
#include "tests/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/token/ledger-maker.h"
#include "token/program/ledger-file.h"

#define GROUP "group one"

static struct gk_reason why;
static char folder[] = "/tmp/gsakmp-ledger-XXXXXX";
static char *path;

static void begin(void)
{
    static bool made;

    if (!made && !mkdtemp(folder))
        abort();
    made = true;
    free(path);
    path = gk_format("%s/ledger", folder);
    (void)unlink(path);
    why = (struct gk_reason){0};
}

static bool put(int64_t edition, const struct run_file_watch *watch)
{
    struct ledger_entry entry = made_entry(GROUP, edition, 1000 + edition);
    struct ledger_file file;
    bool good = ledger_file_open(path, LEDGER_BEGIN, &file, &why);

    if (!good) {
        ledger_entry_free(&entry);
        return false;
    }
    file.watch = watch;
    good = ledger_record(&file.ledger, &entry, &why) && ledger_file_store(&file, &why);
    ledger_entry_free(&entry);
    ledger_file_close(&file);
    return good;
}

/* 0 without a ledger or entry, -1 of what cannot be read. */
static int64_t edition_there(enum ledger_use use)
{
    const struct ledger_entry *entry;
    struct ledger_file file;
    int64_t edition;

    if (!ledger_file_open(path, use, &file, &why))
        return -1;
    entry = ledger_find(&file.ledger, gk_octets_of(GROUP), made_owner());
    edition = entry ? ledger_check(entry, &why) ? entry->edition : -1 : 0;
    ledger_file_close(&file);
    return edition;
}

static void end_there(void *context, enum run_file_step step)
{
    if (step == *(const enum run_file_step *)context)
        _exit(100 + (int)step);
}

/* Ends while it stores `edition`, at that step. */
static bool crash(int64_t edition, enum run_file_step step)
{
    struct run_file_watch watch = {end_there, &step};
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        (void)put(edition, &watch);
        _exit(99);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 100 + (int)step;
}

static void killed_at_each_step(void)
{
    for (enum run_file_step step = RUN_FILE_CREATED; step <= RUN_FILE_DONE; step++) {
        bool there = step >= RUN_FILE_RENAMED;

        begin();
        /* The very first one: nothing was there. */
        CU_ASSERT_TRUE(crash(1, step));
        CU_ASSERT_EQUAL(edition_there(LEDGER_BEGIN), there ? 1 : 0);
        CU_ASSERT_TRUE(put(3, NULL));
        CU_ASSERT_TRUE(crash(4, step));
        CU_ASSERT_EQUAL(edition_there(LEDGER_CHANGE), there ? 4 : 3);
        /* What may have left is never given again. */
        CU_ASSERT_EQUAL(put(4, NULL), !there);
        CU_ASSERT_TRUE(put(5, NULL));
        CU_ASSERT_FALSE(put(5, NULL));
        CU_ASSERT_STRING_EQUAL(why.code, "ledger-edition");
        CU_ASSERT_EQUAL(edition_there(LEDGER_LOOK), 5);
    }
}

/* The file is on the disk before it has its name, and its name before anybody is told. */
static void note(void *context, enum run_file_step step)
{
    char *at = context;

    at[strlen(at)] = (char)('0' + (int)step);
    CU_ASSERT_EQUAL(access(path, F_OK) == 0, step >= RUN_FILE_RENAMED);
}

static void steps_in_order(void)
{
    char steps[16] = "";
    struct run_file_watch watch = {note, steps};

    begin();
    CU_ASSERT_TRUE(put(1, &watch));
    CU_ASSERT_STRING_EQUAL(steps, "01234");
}

static void one_at_a_time(void)
{
    struct ledger_file first;
    struct ledger_file second;

    begin();
    CU_ASSERT_TRUE(put(1, NULL));
    CU_ASSERT_TRUE_FATAL(ledger_file_open(path, LEDGER_CHANGE, &first, &why));
    CU_ASSERT_EQUAL(edition_there(LEDGER_LOOK), 1);
    CU_ASSERT_FALSE(ledger_file_open(path, LEDGER_CHANGE, &second, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-ledger-busy");
    ledger_file_close(&first);
    ledger_file_close(&first);
    CU_ASSERT_TRUE(ledger_file_open(path, LEDGER_CHANGE, &second, &why));
    ledger_file_close(&second);
}

/* --- what happens while a person is asked ------------------------------------------------------
 */

enum meanwhile { NOTHING, LOCK_GONE, LOCK_ANOTHER, LEDGER_GONE, LEDGER_COME, LEDGER_ANOTHER };

/* Opens, lets that happen, and stores edition 2. */
static bool stored_after(enum meanwhile meanwhile)
{
    struct ledger_entry entry = made_entry(GROUP, 2, 1002);
    char *lock = gk_format("%s.lock", path);
    struct ledger_file file;
    bool good;

    CU_ASSERT_TRUE_FATAL(ledger_file_open(path, LEDGER_BEGIN, &file, &why));
    if (meanwhile == LOCK_GONE || meanwhile == LOCK_ANOTHER)
        (void)unlink(lock);
    if (meanwhile == LEDGER_GONE)
        (void)unlink(path);
    /* Another one, which the lock does not stop any more. */
    if (meanwhile == LOCK_ANOTHER || meanwhile == LEDGER_COME || meanwhile == LEDGER_ANOTHER) {
        (void)unlink(lock);
        CU_ASSERT_TRUE(put(2, NULL));
    }
    if (meanwhile == LEDGER_COME || meanwhile == LEDGER_ANOTHER) {
        (void)close(file.lock);
        file.lock = open(lock, O_RDWR);
    }
    good = ledger_record(&file.ledger, &entry, &why) && ledger_file_store(&file, &why);
    ledger_entry_free(&entry);
    ledger_file_close(&file);
    free(lock);
    return good;
}

static void changed_meanwhile(void)
{
    for (enum meanwhile meanwhile = NOTHING; meanwhile <= LEDGER_ANOTHER; meanwhile++) {
        begin();
        if (meanwhile != LEDGER_COME)
            CU_ASSERT_TRUE(put(1, NULL));
        CU_ASSERT_EQUAL(stored_after(meanwhile), meanwhile == NOTHING);
        if (meanwhile != NOTHING)
            CU_ASSERT_STRING_EQUAL(why.code, "file-ledger-changed");
    }
}

/* What another user owns, he can replace: two would hold a lock each. */
static void a_planted_lock(void)
{
    char *lock = gk_format("%s.lock", path);

    begin();
    CU_ASSERT_TRUE(put(1, NULL));
    (void)unlink(lock);
    CU_ASSERT_EQUAL(mkfifo(lock, 0600), 0);
    CU_ASSERT_FALSE(put(2, NULL));
    CU_ASSERT_STRING_EQUAL(why.code, "file-lock");
    (void)unlink(lock);
    CU_ASSERT_TRUE(put(2, NULL));
    if (geteuid() == 0 && chown(lock, 65534, 65534) == 0) {
        CU_ASSERT_FALSE(put(3, NULL));
        CU_ASSERT_STRING_EQUAL(why.code, "file-lock");
    }
    (void)unlink(lock);
    CU_ASSERT_TRUE(put(3, NULL));
    free(lock);
}

static bool refused(const char *code)
{
    bool good = edition_there(LEDGER_CHANGE) == -1 && strcmp(why.code, code) == 0;

    if (!good)
        printf("\n    %s: %s\n", why.code, why.text);
    return good;
}

static void not_ours_alone(void)
{
    char *other = gk_format("%s/other", folder);

    begin();
    CU_ASSERT_TRUE(refused("file-ledger-missing"));
    CU_ASSERT_TRUE(put(1, NULL));
    (void)chmod(path, 0640);
    CU_ASSERT_TRUE(refused("file-mode"));
    (void)chmod(path, 0600);
    (void)chmod(folder, 0777);
    CU_ASSERT_TRUE(refused("file-mode"));
    (void)chmod(folder, 01777);
    CU_ASSERT_EQUAL(edition_there(LEDGER_CHANGE), 1);
    (void)chmod(folder, 0700);
    CU_ASSERT_EQUAL(rename(path, other), 0);
    CU_ASSERT_EQUAL(symlink(other, path), 0);
    CU_ASSERT_TRUE(refused("file-mode"));
    (void)unlink(path);
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    CU_ASSERT_TRUE(refused("file-mode"));
    (void)unlink(path);
    (void)unlink(other);
    free(other);
}

/* Where nothing says otherwise. */
static void its_own_place(void)
{
    struct ledger_file file;
    char *place = gk_format("%s/state/gsakmp/ledger", folder);

    begin();
    (void)setenv("XDG_STATE_HOME", "relative", 1);
    (void)unsetenv("HOME");
    CU_ASSERT_FALSE(ledger_file_open(NULL, LEDGER_BEGIN, &file, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-ledger-place");
    free(path);
    path = gk_format("%s/state", folder);
    (void)setenv("XDG_STATE_HOME", path, 1);
    CU_ASSERT_FALSE(ledger_file_open(NULL, LEDGER_CHANGE, &file, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-ledger-missing");
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    CU_ASSERT_TRUE_FATAL(ledger_file_open(NULL, LEDGER_BEGIN, &file, &why));
    CU_ASSERT_STRING_EQUAL(file.path, place);
    CU_ASSERT_EQUAL(file.ledger.count, 0);
    ledger_file_close(&file);
    free(place);
    place = gk_format("rm -r %s", folder);
    CU_ASSERT_EQUAL(system(place), 0);
    free(place);
}

const struct test_suite suite_ledger_file = {"ledger_file",
                                             {{"killed at each step", killed_at_each_step},
                                              {"steps in order", steps_in_order},
                                              {"one at a time", one_at_a_time},
                                              {"changed meanwhile", changed_meanwhile},
                                              {"a planted lock", a_planted_lock},
                                              {"not ours alone", not_ours_alone},
                                              {"its own place", its_own_place},
                                              {NULL, NULL}}};
