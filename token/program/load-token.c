/* SPDX-License-Identifier: Apache-2.0 */
/* Sources and tokens from files. */
#include "token/program/program.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/file.h"
#include "token/der.h"
#include "token/source.h"

#define CERTIFICATE_MOST ((size_t)1 << 16)

/* A file that a source names, relative to the source. */
static bool load_beside(void *context, const char *name, struct gk_writer *to,
                        struct gk_reason *why)
{
    const char *source = context;
    char *copy = gk_strdup(source);
    char *path = *name == '/' ? gk_strdup(name) : gk_format("%s/%s", dirname(copy), name);
    /* A foreign source may name a pipe, which would never end, or a device. */
    bool good = run_file_read_regular(path, CERTIFICATE_MOST, to, why);

    free(path);
    free(copy);
    return good;
}

struct token *token_of(const char *path, struct gk_octets file, struct gk_reason *why)
{
    struct source_files files = {load_beside, (void *)(uintptr_t)path};

    enum token_kind kind = token_kind_of(file);

    if (kind == TOKEN_KIND_UNSIGNED || kind == TOKEN_KIND_DER)
        return token_from_der(file, why);
    if (kind == TOKEN_KIND_SOURCE || kind == TOKEN_KIND_OTHER)
        return source_read(file, path, &files, why);
    (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "kind",
                    "%s: this is %s; expected a policy source or a token", path,
                    token_kind_name(kind));
    return NULL;
}

bool token_fits(const struct token *token, struct gk_reason *why)
{
    struct gk_writer der = {0};
    bool good = token_to_der(token, &der, why);

    gk_writer_free(&der);
    return good;
}

struct token *unsigned_token_of(const char *path, struct gk_reason *why)
{
    struct gk_secret file = {0};
    struct token *token = NULL;

    if (!load_file(path, &file, why))
        return NULL;
    if (token_kind_of(gk_secret_octets(&file)) == TOKEN_KIND_SIGNED)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-kind",
                        "%s: the file is a signed token; expected a policy source or a token "
                        "that is not signed",
                        path);
    else
        token = token_of(path, gk_secret_octets(&file), why);
    gk_secret_free(&file);
    return token;
}

bool der_of(const char *path, struct gk_writer *to, struct gk_reason *why)
{
    struct token *token = unsigned_token_of(path, why);
    bool good = token && token_to_der(token, to, why);

    token_free(token);
    return good;
}
