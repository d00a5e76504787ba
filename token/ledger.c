/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger in memory. As JSON it is in ledger-json.c. */
#include "token/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "gsakmp/utf8.h"
#include "token/cms.h"
#include "token/der.h"
#include "token/name.h"

void ledger_entry_free(struct ledger_entry *entry)
{
    gk_secret_free(&entry->group);
    gk_secret_free(&entry->owner);
    gk_secret_free(&entry->token);
}

void ledger_free(struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++)
        ledger_entry_free(&ledger->entry[i]);
    free(ledger->entry);
    *ledger = (struct ledger){0};
}

static bool take_content(struct gk_octets content, struct ledger_entry *to, struct gk_reason *why)
{
    struct token *token = token_from_der(content, why);
    bool good = token != NULL;

    if (good && !token->has_edition)
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-no-edition",
                         "the token has no edition, and nothing can be newer or older than it");
    if (good) {
        to->group = gk_secret_copy(token->group_name);
        to->edition = token->edition;
    }
    token_free(token);
    return good;
}

static bool take_owner(struct gk_octets certificate, struct ledger_entry *to, struct gk_reason *why)
{
    struct gk_writer owner = {0};
    bool good = name_of_certificate(certificate, &owner, why);

    if (good && !gk_utf8_is(gk_writer_octets(&owner)))
        good = gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-owner",
                         "the name in the signer's certificate is no UTF-8 text");
    if (good)
        to->owner = gk_writer_take(&owner);
    gk_writer_free(&owner);
    return good;
}

bool ledger_entry_of(struct gk_octets signed_token, struct ledger_entry *to, struct gk_reason *why)
{
    struct cms cms;

    *to = (struct ledger_entry){0};
    if (!cms_verify(&cms, signed_token, why) || !take_content(cms.content, to, why) ||
        !take_owner(cms.signer, to, why)) {
        ledger_entry_free(to);
        return false;
    }
    to->signing_time = cms.signing_time;
    to->token = gk_secret_copy(signed_token);
    gk_sha256(signed_token, to->hash);
    return true;
}

static bool same(const struct gk_secret *a, const struct gk_secret *b)
{
    return gk_octets_equal(gk_secret_octets(a), gk_secret_octets(b));
}

bool ledger_check(const struct ledger_entry *entry, struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct ledger_entry said;
    bool good;

    if (!ledger_entry_of(gk_secret_octets(&entry->token), &said, &own))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger",
                         "the ledger is damaged: a token in it is none (%.120s)", own.text);
    good = same(&said.group, &entry->group) && same(&said.owner, &entry->owner) &&
           said.edition == entry->edition && said.signing_time == entry->signing_time;
    ledger_entry_free(&said);
    return good || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger",
                             "the ledger is damaged: it says of a token in it what the token "
                             "does not say");
}

struct token *ledger_token(const struct ledger_entry *entry)
{
    struct cms cms;

    return cms_verify(&cms, gk_secret_octets(&entry->token), NULL)
               ? token_from_der(cms.content, NULL)
               : NULL;
}

const struct ledger_entry *ledger_find(const struct ledger *ledger, struct gk_octets group,
                                       struct gk_octets owner)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const struct ledger_entry *entry = &ledger->entry[i];

        if (gk_octets_equal(gk_secret_octets(&entry->group), group) &&
            name_equal(gk_secret_octets(&entry->owner), owner))
            return entry;
    }
    return NULL;
}

bool ledger_follows(const struct ledger_entry *last, int64_t edition, gk_time signing_time,
                    struct gk_reason *why)
{
    char before[GK_STAMP_SIZE + 1];
    char now[GK_STAMP_SIZE + 1];

    if (!last)
        return true;
    if (edition <= last->edition)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-edition",
                         "edition %lld does not follow edition %lld, which was signed already; "
                         "write a higher edition into the policy",
                         (long long)edition, (long long)last->edition);
    if (signing_time > last->signing_time)
        return true;
    gk_stamp_format(last->signing_time, before);
    gk_stamp_format(signing_time, now);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-time",
                     "the signing time %s does not follow %s, that of edition %lld; set the "
                     "clock right, or say a later time with --at",
                     now, before, (long long)last->edition);
}

bool ledger_record(struct ledger *ledger, struct ledger_entry *entry, struct gk_reason *why)
{
    /* Of our own array, so that it may be changed. */
    struct ledger_entry *last = (struct ledger_entry *)(uintptr_t)ledger_find(
        ledger, gk_secret_octets(&entry->group), gk_secret_octets(&entry->owner));

    if (last && memcmp(last->hash, entry->hash, sizeof entry->hash) == 0) {
        ledger_entry_free(entry);
        return true;
    }
    if (!ledger_follows(last, entry->edition, entry->signing_time, why))
        return false;
    if (!last) {
        if (ledger->count == LEDGER_GROUPS)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger-size",
                             "the ledger has %d groups and takes no more; begin another with "
                             "--ledger",
                             LEDGER_GROUPS);
        ledger->entry = gk_realloc(ledger->entry, ledger->count + 1, sizeof *ledger->entry);
        last = &ledger->entry[ledger->count++];
    } else {
        ledger_entry_free(last);
    }
    *last = *entry;
    *entry = (struct ledger_entry){0};
    return true;
}
