/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/run/socket-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* How often a lock that goes away under our hands is tried again. */
#define TRIES 16

bool run_socket_name(const char *path, struct sockaddr_un *name, struct gk_reason *why)
{
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof name->sun_path)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-path",
                         "the socket path must have 1 to %zu characters: %.120s",
                         sizeof name->sun_path - 1, path);
    strcpy(name->sun_path, path);
    return true;
}

static bool failed(struct gk_reason *why, const char *what, const char *path)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-socket", "%s %s: %s", path, what,
                     strerror(errno));
}

/* The daemon before us removes its lock file when it ends: then the one that we opened has
 * no name any more, and a third could take the new one. */
static bool still_named(int fd, const char *path)
{
    struct stat held;
    struct stat named;

    return fstat(fd, &held) == 0 && stat(path, &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static bool take_lock(struct run_socket_file *file, struct gk_reason *why)
{
    for (int i = 0; i < TRIES; i++) {
        file->lock = open(file->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (file->lock < 0 && errno == ENOENT)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-folder",
                             "%s cannot be made: its folder is not there; make it first "
                             "(systemd: RuntimeDirectory=)",
                             file->path);
        if (file->lock < 0)
            return failed(why, "cannot be opened", file->lock_path);
        if (flock(file->lock, LOCK_EX | LOCK_NB) != 0)
            break;
        if (still_named(file->lock, file->lock_path))
            return true;
        (void)close(file->lock);
        file->lock = -1;
    }
    if (file->lock >= 0)
        (void)close(file->lock);
    file->lock = -1;
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-in-use",
                     "%s is in use: another daemon holds %s", file->path, file->lock_path);
}

static bool somebody_answers(const struct sockaddr_un *name)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool answers = fd >= 0 && (connect(fd, (const struct sockaddr *)name, sizeof *name) == 0 ||
                               errno != ECONNREFUSED);

    if (fd >= 0)
        (void)close(fd);
    return answers;
}

static bool clear_way(const struct run_socket_file *file, const struct sockaddr_un *name,
                      struct gk_reason *why)
{
    struct stat there;

    if (lstat(file->path, &there) != 0)
        return errno == ENOENT || failed(why, "cannot be looked at", file->path);
    if (!S_ISSOCK(there.st_mode))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-not-a-socket",
                         "%s exists and is no socket; it is left alone", file->path);
    if (somebody_answers(name))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "control-in-use",
                         "%s is in use: another program answers on it", file->path);
    return unlink(file->path) == 0 || failed(why, "cannot be removed", file->path);
}

/* The mode is set before the name exists, so that it is never wider than it shall be; then
 * once more, because the umask narrows it. */
static bool bind_name(struct run_socket_file *file, const struct sockaddr_un *name, mode_t mode,
                      int fd, struct gk_reason *why)
{
    struct stat made;

    if (fchmod(fd, mode) != 0 || bind(fd, (const struct sockaddr *)name, sizeof *name) != 0)
        return failed(why, "cannot be made", file->path);
    if (chmod(file->path, mode) != 0 || lstat(file->path, &made) != 0)
        return failed(why, "cannot be given its mode", file->path);
    file->device = made.st_dev;
    file->inode = made.st_ino;
    return true;
}

bool run_socket_file_open(struct run_socket_file *file, const char *path, mode_t mode, int *fd,
                          struct gk_reason *why)
{
    struct sockaddr_un name;

    *fd = -1;
    *file = (struct run_socket_file){.lock = -1};
    if (!run_socket_name(path, &name, why))
        return false;
    file->path = gk_strdup(path);
    file->lock_path = gk_format("%s.lock", path);
    if (take_lock(file, why) && clear_way(file, &name, why)) {
        *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (*fd < 0)
            (void)failed(why, "cannot be made", path);
        else if (bind_name(file, &name, mode, *fd, why))
            return true;
        else
            (void)close(*fd);
    }
    run_socket_file_remove(file);
    return false;
}

void run_socket_file_remove(struct run_socket_file *file)
{
    struct stat there;

    if (file->inode && lstat(file->path, &there) == 0 && there.st_dev == file->device &&
        there.st_ino == file->inode)
        (void)unlink(file->path);
    if (file->lock >= 0) {
        (void)unlink(file->lock_path);
        (void)close(file->lock);
    }
    free(file->path);
    free(file->lock_path);
    *file = (struct run_socket_file){.lock = -1};
}
