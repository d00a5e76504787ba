/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger in memory and as JSON: it only grows, and what it did not write itself it refuses. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/token/ledger-maker.h"
#include "token/ledger.h"

static struct gk_reason why;

static bool is_refused(bool good, const char *code)
{
    if (!good && why.code && strcmp(why.code, code) == 0 && *why.text)
        return true;
    printf("\n    %s: %s\n", good ? "passed" : why.code, why.text);
    return false;
}

#define REFUSED(expression, code)                                                                  \
    do {                                                                                           \
        why = (struct gk_reason){0};                                                               \
        CU_ASSERT_TRUE(is_refused(expression, code));                                              \
    } while (0)

static bool record(struct ledger *ledger, const char *group, int64_t edition, gk_time at)
{
    struct ledger_entry entry = made_entry(group, edition, at);
    bool good = ledger_record(ledger, &entry, &why);

    ledger_entry_free(&entry);
    return good;
}

static void what_a_token_says(void)
{
    struct ledger_entry entry = made_entry("group one", 7, 1000);
    struct gk_octets octets = gk_secret_octets(&entry.token);
    struct gk_secret without;
    struct ledger_entry again;
    struct token *token = ledger_token(&entry);

    CU_ASSERT_EQUAL(entry.edition, 7);
    CU_ASSERT_EQUAL(entry.signing_time, 1000);
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&entry.group), gk_octets_of("group one")));
    CU_ASSERT_TRUE(gk_octets_equal(gk_secret_octets(&entry.owner), made_owner()));
    CU_ASSERT_TRUE(ledger_check(&entry, &why));
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    CU_ASSERT_EQUAL(token->edition, 7);
    token_free(token);
    CU_ASSERT_FALSE(ledger_entry_of(gk_octets(octets.data, octets.size - 1), &again, &why));
    CU_ASSERT_PTR_NOT_NULL(why.code);
    entry.token.data[entry.token.size - 1] ^= 1;
    CU_ASSERT_FALSE(ledger_entry_of(octets, &again, &why));
    REFUSED(ledger_check(&entry, &why), "file-ledger");
    CU_ASSERT_PTR_NULL(ledger_token(&entry));
    ledger_entry_free(&entry);
    without = made_signed("group one", 0, 1000);
    REFUSED(ledger_entry_of(gk_secret_octets(&without), &again, &why), "ledger-no-edition");
    gk_secret_free(&without);
}

static void only_forward(void)
{
    struct ledger ledger = {0};
    const struct ledger_entry *last;

    CU_ASSERT_TRUE(ledger_follows(NULL, 1, GK_TIME_FIRST, &why));
    CU_ASSERT_TRUE(record(&ledger, "group one", 5, 1000));
    last = ledger_find(&ledger, gk_octets_of("group one"), made_owner());
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    CU_ASSERT_TRUE(ledger_follows(last, 6, 1001, &why));
    REFUSED(ledger_follows(last, 5, 1001, &why), "ledger-edition");
    REFUSED(ledger_follows(last, 4, 1001, &why), "ledger-edition");
    REFUSED(ledger_follows(last, INT64_MIN, 1001, &why), "ledger-edition");
    REFUSED(ledger_follows(last, 6, 1000, &why), "ledger-time");
    REFUSED(ledger_follows(last, 6, 999, &why), "ledger-time");
    REFUSED(record(&ledger, "group one", 5, 1001), "ledger-edition");
    REFUSED(record(&ledger, "group one", 6, 1000), "ledger-time");
    CU_ASSERT_EQUAL(last->edition, 5);
    CU_ASSERT_TRUE(record(&ledger, "group one", INT64_MAX, 1001));
    REFUSED(record(&ledger, "group one", INT64_MAX, 1002), "ledger-edition");
    CU_ASSERT_EQUAL(ledger.count, 1);
    ledger_free(&ledger);
}

/* Each group, and each owner, has its own. */
static void groups_and_owners(void)
{
    struct ledger ledger = {0};
    struct gk_octets another = gk_octets_of("CN=Another");

    CU_ASSERT_TRUE(record(&ledger, "group one", 5, 1000));
    CU_ASSERT_TRUE(record(&ledger, "group two", 1, 10));
    CU_ASSERT_EQUAL(ledger.count, 2);
    CU_ASSERT_PTR_NULL(ledger_find(&ledger, gk_octets_of("group one"), another));
    CU_ASSERT_PTR_NULL(ledger_find(&ledger, gk_octets_of("group on"), made_owner()));
    CU_ASSERT_EQUAL(ledger_find(&ledger, gk_octets_of("group two"), made_owner())->edition, 1);
    ledger_free(&ledger);
}

static void the_very_token_again(void)
{
    struct ledger ledger = {0};
    struct ledger_entry entry = made_entry("group one", 5, 1000);
    struct gk_secret octets = gk_secret_copy(gk_secret_octets(&entry.token));

    CU_ASSERT_TRUE(ledger_record(&ledger, &entry, &why));
    CU_ASSERT_TRUE_FATAL(ledger_entry_of(gk_secret_octets(&octets), &entry, &why));
    CU_ASSERT_TRUE(ledger_record(&ledger, &entry, &why));
    CU_ASSERT_EQUAL(ledger.count, 1);
    gk_secret_free(&octets);
    ledger_free(&ledger);
}

static void bounded(void)
{
    struct ledger ledger = {0};
    struct ledger_entry entry = made_entry("group one", 5, 1000);
    char name[32];

    for (size_t i = 0; i < LEDGER_GROUPS; i++) {
        struct ledger_entry copy = entry;

        (void)snprintf(name, sizeof name, "group %zu", i);
        copy.group = gk_secret_copy(gk_octets_of(name));
        copy.owner = gk_secret_copy(gk_secret_octets(&entry.owner));
        copy.token = gk_secret_copy(gk_secret_octets(&entry.token));
        CU_ASSERT_TRUE_FATAL(ledger_record(&ledger, &copy, &why));
    }
    REFUSED(ledger_record(&ledger, &entry, &why), "file-ledger-size");
    CU_ASSERT_EQUAL(ledger.count, LEDGER_GROUPS);
    ledger_entry_free(&entry);
    ledger_free(&ledger);
}

/* --- as JSON -------------------------------------------------------------------------- */

static struct gk_writer written(void)
{
    struct ledger ledger = {0};
    struct gk_writer text = {0};

    CU_ASSERT_TRUE(record(&ledger, "group one", 5, 1000));
    CU_ASSERT_TRUE(record(&ledger, "group two", 1, 10));
    CU_ASSERT_TRUE_FATAL(ledger_write(&ledger, &text, &why));
    ledger_free(&ledger);
    return text;
}

static void there_and_back(void)
{
    struct gk_writer text = written();
    struct gk_writer again = {0};
    struct ledger ledger;

    CU_ASSERT_TRUE_FATAL(ledger_read(&ledger, gk_writer_octets(&text), &why));
    CU_ASSERT_EQUAL(ledger.count, 2);
    for (size_t i = 0; i < ledger.count; i++)
        CU_ASSERT_TRUE(ledger_check(&ledger.entry[i], &why));
    CU_ASSERT_TRUE(ledger_write(&ledger, &again, &why));
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&text), gk_writer_octets(&again)));
    ledger_free(&ledger);
    CU_ASSERT_TRUE(ledger_read(
        &ledger, gk_octets_of("{\"format\": \"gsakmp-ledger-1\", \"groups\": []}"), &why));
    CU_ASSERT_EQUAL(ledger.count, 0);
    ledger_free(&ledger);
    gk_writer_free(&text);
    gk_writer_free(&again);
}

/* A ledger that was cut short is no shorter ledger. */
static void cut_short(void)
{
    struct gk_writer text = written();
    struct ledger ledger;

    for (size_t size = 0; size + 2 < text.size; size += size < 64 ? 1 : 61)
        REFUSED(ledger_read(&ledger, gk_octets(text.data, size), &why), "file-ledger");
    CU_ASSERT_PTR_NULL(ledger.entry);
    gk_writer_free(&text);
}

/* Whatever octet is changed: refused, or each entry that is left is found to be damaged, or says
 * what it said. */
static void changed_octets(void)
{
    struct gk_writer text = written();

    for (size_t at = 0; at < text.size; at += at < 256 ? 1 : 37) {
        struct ledger ledger;
        uint8_t before = text.data[at];

        text.data[at] ^= 1;
        if (ledger_read(&ledger, gk_writer_octets(&text), &why)) {
            CU_ASSERT_EQUAL(ledger.count, 2);
            for (size_t i = 0; i < ledger.count; i++) {
                const struct ledger_entry *entry = &ledger.entry[i];

                if (!ledger_check(entry, &why))
                    continue;
                CU_ASSERT_EQUAL(entry->edition, i == 0 ? 5 : 1);
                CU_ASSERT_EQUAL(entry->signing_time, i == 0 ? 1000 : 10);
            }
            ledger_free(&ledger);
        }
        text.data[at] = before;
    }
    gk_writer_free(&text);
}

/* Found at once, not only when that group is signed for. */
static void damaged_token(void)
{
    struct gk_writer text = written();
    uint8_t *token = memmem(text.data, text.size, "\"token\": \"30", 12);
    struct ledger ledger;

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    token[200] = token[200] == '0' ? '1' : '0';
    REFUSED(ledger_read(&ledger, gk_writer_octets(&text), &why), "file-ledger");
    gk_writer_free(&text);
}

static void twice_the_same(void)
{
    struct gk_writer text = written();
    char *copy = gk_format("%.*s", (int)text.size, (const char *)text.data);
    char *one = gk_hex(gk_octets_of("group one"));
    char *two = gk_hex(gk_octets_of("group two"));
    char *second = strstr(copy, two);
    struct ledger ledger;

    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    memcpy(second, one, strlen(one));
    REFUSED(ledger_read(&ledger, gk_octets_of(copy), &why), "file-ledger");
    CU_ASSERT_PTR_NOT_NULL(strstr(why.text, "two entries"));
    free(one);
    free(two);
    free(copy);
    gk_writer_free(&text);
}

const struct test_suite suite_ledger = {"ledger",
                                        {{"what a token says", what_a_token_says},
                                         {"only forward", only_forward},
                                         {"groups and owners", groups_and_owners},
                                         {"the very token again", the_very_token_again},
                                         {"bounded", bounded},
                                         {"there and back", there_and_back},
                                         {"cut short", cut_short},
                                         {"changed octets", changed_octets},
                                         {"a damaged token", damaged_token},
                                         {"twice the same", twice_the_same},
                                         {NULL, NULL}}};
