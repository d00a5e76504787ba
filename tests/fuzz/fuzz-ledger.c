/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a ledger's file holds: it is refused with a reason, or read, written and read again to
 * the same octets; and an entry that is found good says what its token says.
 */
#include <stdlib.h>
#include <string.h>

#include "token/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void write_twice(const struct ledger *ledger)
{
    struct gk_reason why = {0};
    struct gk_writer one = {0};
    struct gk_writer two = {0};
    struct ledger again;

    if (ledger_write(ledger, &one, &why)) {
        must(ledger_read(&again, gk_writer_octets(&one), &why));
        must(again.count == ledger->count && ledger_write(&again, &two, &why));
        must(gk_octets_equal(gk_writer_octets(&one), gk_writer_octets(&two)));
        ledger_free(&again);
    } else {
        must(strcmp(why.code, "file-ledger-size") == 0);
    }
    gk_writer_free(&one);
    gk_writer_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_reason why = {0};
    struct ledger ledger;

    if (!ledger_read(&ledger, gk_octets(data, size), &why)) {
        must(why.code && *why.text && !ledger.entry);
        return 0;
    }
    for (size_t i = 0; i < ledger.count; i++) {
        const struct ledger_entry *entry = &ledger.entry[i];
        struct gk_reason own = {0};

        must(!ledger_follows(entry, entry->edition, entry->signing_time, &own));
        if (!ledger_check(entry, &own)) {
            must(own.code && strcmp(own.code, "file-ledger") == 0);
            continue;
        }
        must(ledger_find(&ledger, gk_secret_octets(&entry->group),
                         gk_secret_octets(&entry->owner)) == entry);
    }
    write_twice(&ledger);
    ledger_free(&ledger);
    return 0;
}
