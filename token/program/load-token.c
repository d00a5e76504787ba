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
    bool good = run_file_read(path, CERTIFICATE_MOST, to, why);

    free(path);
    free(copy);
    return good;
}

/* SignedData begins with its OID (RFC 5652 3); a token begins with a SEQUENCE. */
enum file_kind kind_of(struct gk_octets file)
{
    static const uint8_t signed_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                          0xf7, 0x0d, 0x01, 0x07, 0x02};
    size_t head = file.size < 16 ? file.size : 16;

    if (!file.size || file.data[0] != 0x30)
        return FILE_SOURCE;
    if (memmem(file.data, head, signed_data, sizeof signed_data))
        return FILE_SIGNED;
    return FILE_TOKEN;
}

struct token *token_of(const char *path, struct gk_octets file, struct gk_reason *why)
{
    struct source_files files = {load_beside, (void *)(uintptr_t)path};

    if (kind_of(file) == FILE_SOURCE)
        return source_read(file, path, &files, why);
    return token_from_der(file, why);
}

bool der_of(const char *path, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_secret file = {0};
    struct token *token;
    bool good;

    if (!load_file(path, &file, why))
        return false;
    if (kind_of(gk_secret_octets(&file)) == FILE_SIGNED) {
        gk_secret_free(&file);
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-kind",
                         "%s: the file is a signed token; expected a policy source or a token "
                         "that is not signed",
                         path);
    }
    token = token_of(path, gk_secret_octets(&file), why);
    good = token && token_to_der(token, to, why);
    token_free(token);
    gk_secret_free(&file);
    return good;
}
