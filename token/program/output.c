/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go, and what is never written over. */
#include "token/program/program.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gsakmp/run/file.h"
#include "token/json.h"

#define TOKEN_MODE 0644

int deliver(const char *path, struct gk_octets octets, struct gk_reason *why)
{
    if (path && strcmp(path, "-") != 0)
        return run_file_write(path, octets, TOKEN_MODE, why) ? DONE : complain_of(path, why);
    if (fwrite(octets.data, 1, octets.size, stdout) != octets.size || fflush(stdout) != 0) {
        complain("standard output cannot be written");
        return NOT_RUN;
    }
    return DONE;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Two names that are not both there: the same folder, and the same name in it. */
static bool same_name(const char *a, const char *b)
{
    char *copy[] = {gk_strdup(a), gk_strdup(b), gk_strdup(a), gk_strdup(b)};
    struct stat folder[2];
    bool same = strcmp(basename(copy[0]), basename(copy[1])) == 0 &&
                stat(dirname(copy[2]), &folder[0]) == 0 &&
                stat(dirname(copy[3]), &folder[1]) == 0 && same_file(&folder[0], &folder[1]);

    for (size_t i = 0; i < sizeof copy / sizeof *copy; i++)
        free(copy[i]);
    return same;
}

static bool same_place(const char *a, const char *b)
{
    struct stat about[2];

    return same_name(a, b) ||
           (stat(a, &about[0]) == 0 && stat(b, &about[1]) == 0 && same_file(&about[0], &about[1]));
}

bool output_is_apart(const char *out, const char *const *kept, size_t count, struct gk_reason *why)
{
    struct stat about;

    if (!out || strcmp(out, "-") == 0)
        return true;
    if (stat(out, &about) == 0 && !S_ISREG(about.st_mode))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-output",
                         "%s: no regular file, which alone is written over; - is standard output",
                         out);
    for (size_t i = 0; i < count; i++) {
        if (kept[i] && same_place(out, kept[i]))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-output",
                             "%s: this is %s, which would be lost; name another file for the "
                             "result",
                             out, kept[i]);
    }
    return true;
}

int deliver_json(json_t *tree)
{
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    int status;

    token_json_write(tree, 2, &to);
    status = deliver(NULL, gk_writer_octets(&to), &why);
    gk_writer_free(&to);
    return status;
}
