/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(struct gk_reason *why, const char *code, const char *path, const char *what)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, code, "%s: %s", path, what);
}

/* --- reading ---------------------------------------------------------------- */

static bool read_all(int file, const char *path, size_t most, struct gk_writer *to,
                     struct gk_reason *why)
{
    uint8_t block[16384];
    size_t total = 0;
    bool good = false;

    for (;;) {
        ssize_t size = read(file, block, sizeof block);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0) {
            (void)refuse(why, "file-read", path, strerror(errno));
            break;
        }
        total += (size_t)size;
        if (total > most) {
            (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-size",
                            "%s: the file is larger than %zu octets", path, most);
            break;
        }
        if (!size) {
            good = true;
            break;
        }
        gk_write(to, block, (size_t)size);
    }
    gk_wipe(block, sizeof block);
    return good;
}

static int open_to_read(const char *path, int flags, struct gk_reason *why)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);

    if (file < 0)
        (void)refuse(why, "file-open", path, strerror(errno));
    return file;
}

bool run_file_read(const char *path, size_t most, struct gk_writer *to, struct gk_reason *why)
{
    int file = open_to_read(path, 0, why);
    bool good;

    if (file < 0)
        return false;
    good = read_all(file, path, most, to, why);
    (void)close(file);
    return good;
}

/* A pipe would be waited for at open already: hence O_NONBLOCK, of which regular files know
 * nothing. */
bool run_file_read_regular(const char *path, size_t most, struct gk_writer *to,
                           struct gk_reason *why)
{
    int file = open_to_read(path, O_NONBLOCK, why);
    struct stat about;
    bool good;

    if (file < 0)
        return false;
    if (fstat(file, &about) < 0)
        good = refuse(why, "file-read", path, strerror(errno));
    else
        good = (S_ISREG(about.st_mode) ||
                refuse(why, "file-mode", path, "no regular file; nothing else is read here")) &&
               read_all(file, path, most, to, why);
    (void)close(file);
    return good;
}

static bool check_private(int file, const char *path, const char *what, bool or_root,
                          struct gk_reason *why)
{
    struct stat about;

    if (fstat(file, &about) < 0)
        return refuse(why, "file-read", path, strerror(errno));
    if (!S_ISREG(about.st_mode))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-mode",
                         "%s: %s stands in a regular file only", path, what);
    if (about.st_uid != geteuid() && !(or_root && about.st_uid == 0))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-mode",
                         "%s: %s belongs to another user; expected this user%s", path, what,
                         or_root ? " or root" : "");
    if (about.st_mode & (S_IRWXG | S_IRWXO))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-mode",
                         "%s: %s is open to others (mode %04o); expected 0600 (chmod 600)", path,
                         what, about.st_mode & 07777u);
    return true;
}

bool run_file_read_private(const char *path, size_t most, struct gk_writer *to,
                           struct gk_reason *why)
{
    int file = open_to_read(path, O_NONBLOCK, why);
    bool good;

    if (file < 0)
        return false;
    good = check_private(file, path, "the private key", true, why) &&
           read_all(file, path, most, to, why);
    (void)close(file);
    return good;
}

bool run_file_read_own(const char *path, const char *what, size_t most, struct gk_writer *to,
                       struct gk_reason *why)
{
    struct stat about;
    int file;
    bool good;

    if (lstat(path, &about) == 0 && S_ISLNK(about.st_mode))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-mode",
                         "%s: %s is a symbolic link; name the file itself", path, what);
    file = open_to_read(path, O_NONBLOCK | O_NOFOLLOW, why);
    if (file < 0)
        return false;
    good = check_private(file, path, what, false, why) && read_all(file, path, most, to, why);
    (void)close(file);
    return good;
}

/* --- writing ---------------------------------------------------------------- */

static bool write_all(int file, struct gk_octets octets)
{
    while (octets.size) {
        ssize_t size = write(file, octets.data, octets.size);

        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return false;
        octets.data += size;
        octets.size -= (size_t)size;
    }
    return true;
}

/* The new name is on the disk only when its folder is. */
static bool sync_folder(const char *path)
{
    char *copy = gk_strdup(path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && fsync(folder) == 0;
    int error = errno;

    if (folder >= 0)
        (void)close(folder);
    free(copy);
    errno = error;
    return good;
}

static void tell(const struct run_file_watch *watch, enum run_file_step step)
{
    if (watch)
        watch->after(watch->context, step);
}

static bool fill(int file, struct gk_octets octets, mode_t mode, const struct run_file_watch *watch)
{
    bool good = fchmod(file, mode) == 0 && write_all(file, octets);
    int error;

    if (good)
        tell(watch, RUN_FILE_WRITTEN);
    good = good && fsync(file) == 0;
    error = errno;
    if (close(file) < 0 && good)
        return false;
    errno = error;
    return good;
}

bool run_file_write_watched(const char *path, struct gk_octets octets, mode_t mode,
                            const struct run_file_watch *watch, struct gk_reason *why)
{
    char *temporary = gk_format("%s.XXXXXX", path);
    int file = mkostemp(temporary, O_CLOEXEC);
    bool good;

    if (file < 0) {
        (void)refuse(why, "file-write", path, strerror(errno));
        free(temporary);
        return false;
    }
    tell(watch, RUN_FILE_CREATED);
    good = fill(file, octets, mode, watch);
    if (good)
        tell(watch, RUN_FILE_SYNCED);
    good = good && rename(temporary, path) == 0;
    if (!good) {
        (void)refuse(why, "file-write", path, strerror(errno));
        (void)unlink(temporary);
    } else {
        tell(watch, RUN_FILE_RENAMED);
        good = sync_folder(path) || refuse(why, "file-write", path, strerror(errno));
    }
    if (good)
        tell(watch, RUN_FILE_DONE);
    free(temporary);
    return good;
}

bool run_file_write(const char *path, struct gk_octets octets, mode_t mode, struct gk_reason *why)
{
    return run_file_write_watched(path, octets, mode, NULL, why);
}
