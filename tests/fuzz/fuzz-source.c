/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever text comes: it is refused with a reason that names the file and what was expected,
 * or it is a policy, and a policy has a token. The reader never leaves it to the schema to
 * refuse.
 */
#include <stdlib.h>
#include <string.h>

#include "token/der.h"
#include "token/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

/* Every file that a source names is a little of its own text. */
static bool load(void *context, const char *name, struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_octets *source = context;

    if (strlen(name) > 8)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-open", "no such file");
    gk_write(to, source->data, source->size < 512 ? source->size : 512);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_octets xml = gk_octets(data, size);
    struct source_files files = {load, &xml};
    struct gk_reason why = {0};
    struct token *token = source_read(xml, "a.xml", &files, &why);
    struct gk_writer once = {0};
    struct gk_writer twice = {0};
    struct token *again;

    if (!token) {
        must(why.code && strcmp(why.code, "source-schema") != 0);
        must(strncmp(why.text, "a.xml:", 6) == 0);
        return 0;
    }
    must(token_to_der(token, &once, &why));
    again = token_from_der(gk_writer_octets(&once), &why);
    must(again);
    must(token_to_der(again, &twice, &why));
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    token_free(again);
    token_free(token);
    gk_writer_free(&once);
    gk_writer_free(&twice);
    return 0;
}
