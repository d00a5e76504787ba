/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever text comes: it is refused with a reason, or it is an announcement that is written
 * and read again to the same fingerprint.
 */
#include <stdlib.h>
#include <string.h>

#include "token/announce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_reason why = {0};
    struct announcement *first = announcement_read(gk_octets(data, size), &why);
    char one[ANNOUNCEMENT_FINGERPRINT_TEXT];
    char two[ANNOUNCEMENT_FINGERPRINT_TEXT];
    struct gk_writer file = {0};
    struct announcement *second;

    if (!first) {
        must(why.code && *why.text);
        return 0;
    }
    must(announcement_write(first, &file, &why));
    second = announcement_read(gk_writer_octets(&file), &why);
    must(second);
    announcement_fingerprint(first, one);
    announcement_fingerprint(second, two);
    must(strcmp(one, two) == 0);
    announcement_free(first);
    announcement_free(second);
    gk_writer_free(&file);
    return 0;
}
