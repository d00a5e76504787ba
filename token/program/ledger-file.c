/* SPDX-License-Identifier: Apache-2.0 */
#include "token/program/ledger-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gsakmp/digest.h"

#define MODE  0600
#define PAUSE 50 /* milliseconds between two tries for the lock */

static bool refuse(struct gk_reason *why, const char *code, const char *path, const char *what)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, code, "%s: %s", path, what);
}

/* --- where ---------------------------------------------------------------------- */

/* As the XDG Base Directory Specification has it: a path that is not absolute is none. */
static char *default_path(struct gk_reason *why)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (state && *state == '/')
        return gk_format("%s/gsakmp/ledger", state);
    if (home && *home == '/')
        return gk_format("%s/.local/state/gsakmp/ledger", home);
    (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger-place",
                    "neither XDG_STATE_HOME nor HOME says where the ledger is; say --ledger FILE");
    return NULL;
}

/* The folders above the path, private. */
static bool make_folders(const char *path, struct gk_reason *why)
{
    char *copy = gk_strdup(path);
    bool good = true;

    for (char *at = strchr(copy + 1, '/'); good && at; at = strchr(at + 1, '/')) {
        *at = '\0';
        good = mkdir(copy, 0700) == 0 || errno == EEXIST ||
               refuse(why, "file-open", copy, strerror(errno));
        *at = '/';
    }
    free(copy);
    return good;
}

/* Who can write the folder can put another ledger there. */
static bool judge_folder(const char *path, struct gk_reason *why)
{
    char *copy = gk_strdup(path);
    const char *folder = dirname(copy);
    struct stat about;
    bool good;

    if (stat(folder, &about) < 0)
        good = refuse(why, "file-open", folder, strerror(errno));
    else if (about.st_uid != geteuid() && about.st_uid != 0)
        good = refuse(why, "file-mode", folder,
                      "the ledger's folder belongs to another user; expected this user or root");
    else if ((about.st_mode & (S_IWGRP | S_IWOTH)) && !(about.st_mode & S_ISVTX))
        good = refuse(why, "file-mode", folder,
                      "others can write the ledger's folder, and put another ledger there; "
                      "expected 0755 or less (chmod go-w)");
    else
        good = true;
    free(copy);
    return good;
}

/* --- the lock ------------------------------------------------------------------- */

static bool wait_for_lock(int lock, const char *path, struct gk_reason *why)
{
    static const struct timespec pause = {0, PAUSE * 1000000L};

    for (int left = LEDGER_PATIENCE; flock(lock, LOCK_EX | LOCK_NB) < 0; left -= PAUSE) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return refuse(why, "file-lock", path, strerror(errno));
        if (left <= 0)
            return refuse(why, "file-ledger-busy", path,
                          "another gsakmp-token is at work with the ledger; wait until it ends");
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

/* A lock file that another user owns, or that was taken away, locks nobody out. */
static bool judge_lock(int lock, const char *path, struct gk_reason *why)
{
    struct stat held;
    struct stat there;

    if (fstat(lock, &held) < 0)
        return refuse(why, "file-lock", path, strerror(errno));
    if (!S_ISREG(held.st_mode) || held.st_uid != geteuid())
        return refuse(why, "file-lock", path, "no regular file of this user; remove it");
    if (lstat(path, &there) < 0 || held.st_dev != there.st_dev || held.st_ino != there.st_ino)
        return refuse(why, "file-ledger-changed", path,
                      "the lock was taken away meanwhile, and another gsakmp-token may have been "
                      "at work; nothing is written, try again");
    return true;
}

static bool take_lock(struct ledger_file *file, struct gk_reason *why)
{
    char *path = gk_format("%s.lock", file->path);
    bool good;

    file->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE);
    good = file->lock >= 0
               ? wait_for_lock(file->lock, path, why) && judge_lock(file->lock, path, why)
               : refuse(why, "file-lock", path, strerror(errno));
    free(path);
    return good;
}

/* --- contents ------------------------------------------------------------------- */

static bool is_missing(const char *path)
{
    struct stat about;

    return lstat(path, &about) < 0 && errno == ENOENT;
}

static bool refuse_missing(const char *path, struct gk_reason *why)
{
    return refuse(why, "file-ledger-missing", path,
                  "there is no ledger; where one was lost, gsakmp-token ledger adopt begins it "
                  "anew from the last signed tokens");
}

static bool read_ledger(struct ledger_file *file, struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct gk_writer octets = {0};
    bool good = run_file_read_own(file->path, "the ledger", LEDGER_MOST, &octets, why);

    if (good && !ledger_read(&file->ledger, gk_writer_octets(&octets), &own))
        good = refuse(why, own.code, file->path, own.text);
    gk_sha256(gk_writer_octets(&octets), file->hash);
    file->is_there = good;
    gk_writer_free(&octets);
    return good;
}

/* Does the file still say what was read? Somebody may have brought a backup, or removed the lock,
 * while a person was asked. */
static bool is_as_read(const struct ledger_file *file, struct gk_reason *why)
{
    uint8_t hash[sizeof file->hash];
    struct gk_writer octets = {0};
    char *lock = gk_format("%s.lock", file->path);
    bool good = judge_lock(file->lock, lock, why);

    free(lock);
    if (!good)
        return false;
    if (is_missing(file->path)) {
        good = !file->is_there;
    } else {
        good = file->is_there &&
               run_file_read_own(file->path, "the ledger", LEDGER_MOST, &octets, NULL);
        gk_sha256(gk_writer_octets(&octets), hash);
        good = good && memcmp(hash, file->hash, sizeof hash) == 0;
        gk_writer_free(&octets);
    }
    return good || refuse(why, "file-ledger-changed", file->path,
                          "the ledger was changed meanwhile; nothing is written, try again");
}

static bool open_at(struct ledger_file *file, bool own_place, enum ledger_use use,
                    struct gk_reason *why)
{
    if (use != LEDGER_BEGIN && is_missing(file->path))
        return refuse_missing(file->path, why);
    if (use == LEDGER_BEGIN && own_place && !make_folders(file->path, why))
        return false;
    if (!judge_folder(file->path, why) || (use != LEDGER_LOOK && !take_lock(file, why)))
        return false;
    return (use == LEDGER_BEGIN && is_missing(file->path)) || read_ledger(file, why);
}

bool ledger_file_open(const char *path, enum ledger_use use, struct ledger_file *to,
                      struct gk_reason *why)
{
    *to = (struct ledger_file){.path = path ? gk_strdup(path) : default_path(why), .lock = -1};
    if (to->path && open_at(to, !path, use, why))
        return true;
    ledger_file_close(to);
    return false;
}

bool ledger_file_store(const struct ledger_file *file, struct gk_reason *why)
{
    struct gk_writer octets = {0};
    bool good =
        ledger_write(&file->ledger, &octets, why) && is_as_read(file, why) &&
        run_file_write_watched(file->path, gk_writer_octets(&octets), MODE, file->watch, why);

    gk_writer_free(&octets);
    return good;
}

void ledger_file_close(struct ledger_file *file)
{
    if (file->lock >= 0)
        (void)close(file->lock);
    file->lock = -1;
    ledger_free(&file->ledger);
    free(file->path);
    file->path = NULL;
}
