/* SPDX-License-Identifier: Apache-2.0 */
/* Files of programs: bounded, private where they must be, and never half written. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsakmp/run/file.h"
#include "tests/harness.h"

static char folder[] = "/tmp/gsakmp-file-XXXXXX";
static char path[64];

static void begin(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
}

static void end(void)
{
    (void)chmod(folder, 0700);
    (void)unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0); /* so that nothing else was left in it */
}

static unsigned mode_of_file(void)
{
    struct stat about = {0};

    CU_ASSERT_EQUAL(stat(path, &about), 0);
    return about.st_mode & 07777u;
}

static void holds(const char *text)
{
    struct gk_writer read = {0};

    CU_ASSERT_TRUE(run_file_read(path, 100, &read, NULL));
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&read), gk_octets_of(text)));
    gk_writer_free(&read);
}

static void refuses(const char *name, size_t most, const char *code, const char *text)
{
    struct gk_writer read = {0};
    struct gk_reason why = {0};

    CU_ASSERT_FALSE(run_file_read(name, most, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, code);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, text));
    CU_ASSERT_EQUAL(strncmp(why.text, name, strlen(name)), 0);
    gk_writer_free(&read);
}

static void reads_whole_and_bounded(void)
{
    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("seven b"), 0644, NULL));
    holds("seven b");
    refuses(path, 6, "file-size", "larger than 6");
    refuses(folder, 100, "file-read", "directory");
    end();
    refuses("/nonexistent/file", 100, "file-open", "No such file");
}

/* What never ends is cut at the bound as well. */
static void reads_devices_bounded(void)
{
    refuses("/dev/zero", 100000, "file-size", "larger than 100000");
}

static void writes_and_replaces(void)
{
    mode_t before = umask(0077);

    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("old"), 0644, NULL));
    CU_ASSERT_EQUAL(mode_of_file(), 0644);
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("new"), 0600, NULL));
    CU_ASSERT_EQUAL(mode_of_file(), 0600);
    holds("new");
    CU_ASSERT_TRUE(run_file_write(path, GK_NO_OCTETS, 0600, NULL));
    holds("");
    end();
    (void)umask(before);
}

/* Whoever has the old file open goes on reading the old file. */
static void readers_keep_what_they_opened(void)
{
    char text[4] = "";
    int file;

    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("old"), 0644, NULL));
    file = open(path, O_RDONLY | O_CLOEXEC);
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("new"), 0644, NULL));
    CU_ASSERT_EQUAL(read(file, text, 3), 3);
    CU_ASSERT_STRING_EQUAL(text, "old");
    (void)close(file);
    end();
}

static void failure_leaves_the_old(void)
{
    struct gk_reason why = {0};
    char *inside;

    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("old"), 0644, NULL));
    inside = gk_format("%s/none/file", folder);
    CU_ASSERT_FALSE(run_file_write(inside, gk_octets_of("new"), 0644, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-write");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "No such file"));
    free(inside);
    /* A folder in the way: the rename fails, and its temporary file is gone. */
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(mkdir(path, 0700), 0);
    CU_ASSERT_FALSE(run_file_write(path, gk_octets_of("new"), 0644, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-write");
    CU_ASSERT_EQUAL(rmdir(path), 0);
    end();
}

/* A link is replaced, not followed. */
static void links_are_replaced(void)
{
    struct stat about;

    begin();
    CU_ASSERT_EQUAL(symlink("/dev/null", path), 0);
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("new"), 0644, NULL));
    CU_ASSERT_EQUAL(lstat(path, &about), 0);
    CU_ASSERT_TRUE(S_ISREG(about.st_mode));
    holds("new");
    end();
}

static bool private_with(mode_t mode, struct gk_reason *why)
{
    struct gk_writer read = {0};
    bool good;

    CU_ASSERT_EQUAL(chmod(path, mode), 0);
    good = run_file_read_private(path, 100, &read, why);
    CU_ASSERT_EQUAL(read.size, good ? 6u : 0u);
    gk_writer_free(&read);
    return good;
}

static void private_files_are_private(void)
{
    static const mode_t open_to_others[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0660, 0777};
    struct gk_reason why = {0};

    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("secret"), 0600, NULL));
    CU_ASSERT_TRUE(private_with(0600, NULL));
    CU_ASSERT_TRUE(private_with(0400, NULL));
    CU_ASSERT_TRUE(private_with(0700, NULL));
    for (size_t i = 0; i < sizeof open_to_others / sizeof *open_to_others; i++) {
        CU_ASSERT_FALSE(private_with(open_to_others[i], &why));
        CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
        CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "chmod 600"));
    }
    end();
}

static void private_files_have_the_right_owner(void)
{
    struct gk_reason why = {0};

    if (geteuid() != 0)
        return; /* only root can give a file away */
    begin();
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("secret"), 0600, NULL));
    CU_ASSERT_EQUAL(chown(path, 65534, 65534), 0);
    CU_ASSERT_FALSE(private_with(0600, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "another user"));
    end();
}

static void private_files_are_regular(void)
{
    struct gk_writer read = {0};
    struct gk_reason why = {0};

    CU_ASSERT_FALSE(run_file_read_private("/dev/zero", 100, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    CU_ASSERT_EQUAL(read.size, 0);
    gk_writer_free(&read);
}

/* Whoever may change a file that a daemon reads again makes it neither wait nor read for ever. */
static void pipes_are_not_waited_for(void)
{
    struct gk_writer read = {0};
    struct gk_reason why = {0};

    begin();
    CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
    (void)alarm(10); /* ends the program if it is waited for */
    CU_ASSERT_FALSE(run_file_read_regular(path, 100, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    CU_ASSERT_FALSE(run_file_read_private(path, 100, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    (void)alarm(0);
    CU_ASSERT_FALSE(run_file_read_regular("/dev/zero", 100, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    CU_ASSERT_FALSE(run_file_read_regular(folder, 100, &read, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "file-mode");
    CU_ASSERT_EQUAL(read.size, 0);
    (void)unlink(path);
    CU_ASSERT_TRUE(run_file_write(path, gk_octets_of("text"), 0600, NULL));
    CU_ASSERT_TRUE(run_file_read_regular(path, 100, &read, &why));
    CU_ASSERT_EQUAL(read.size, 4);
    CU_ASSERT_FALSE(run_file_read_regular(path, 3, &read, &why));
    gk_writer_free(&read);
    end();
}

const struct test_suite suite_file = {
    "file",
    {
        {"reads whole and bounded", reads_whole_and_bounded},
        {"reads devices bounded", reads_devices_bounded},
        {"writes and replaces", writes_and_replaces},
        {"readers keep what they opened", readers_keep_what_they_opened},
        {"failure leaves the old", failure_leaves_the_old},
        {"links are replaced", links_are_replaced},
        {"private files are private", private_files_are_private},
        {"private files have the right owner", private_files_have_the_right_owner},
        {"private files are regular", private_files_are_regular},
        {"pipes are not waited for", pipes_are_not_waited_for},
        {NULL, NULL},
    }};
