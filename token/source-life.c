/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LifeDate (RFC 4534 3.1) as people write it: "30 s", "24 h", "PT24H", or a moment:
 * "2030-01-01T00:00:00Z", "20300101000000Z", "utc 2030-01-01T00:00:00Z".
 */
#include "token/source-part.h"

#include <string.h>

#include "token/der-check.h"

static const struct unit {
    const char *name;
    int64_t seconds;
} units[] = {{"s", 1},        {"second", 1},   {"seconds", 1}, {"min", 60},      {"minute", 60},
             {"minutes", 60}, {"h", 3600},     {"hour", 3600}, {"hours", 3600},  {"d", 86400},
             {"day", 86400},  {"days", 86400}, {"w", 604800},  {"week", 604800}, {"weeks", 604800}};

static bool digits(const char **text, int64_t *value)
{
    const char *start = *text;

    *value = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, **text - '0', value))
            return false;
    }
    return *text != start;
}

/* "30", "30 s", "30s", "5 min". */
static bool friendly(const char *text, int64_t *seconds)
{
    if (!digits(&text, seconds))
        return false;
    if (!*text)
        return true;
    text += *text == ' ';
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(units[i].name, text) == 0)
            return !__builtin_mul_overflow(*seconds, units[i].seconds, seconds);
    }
    return false;
}

/* ISO 8601 without years and months, whose length varies: P1W, P1DT12H, PT30S. */
static bool iso_duration(const char *text, int64_t *seconds)
{
    static const char letters[] = "WDHMS";
    static const int64_t lengths[] = {604800, 86400, 3600, 60, 1};
    size_t next = 0;
    bool time = false;
    bool any = false;

    if (*text++ != 'P')
        return false;
    for (*seconds = 0; *text; any = true) {
        const char *letter;
        int64_t value;

        if (*text == 'T' && !time) {
            time = true;
            text++;
        }
        if (!digits(&text, &value) || !*text || !(letter = strchr(letters + next, *text)) ||
            (letter - letters >= 2) != time)
            return false;
        next = (size_t)(letter - letters) + 1;
        text++;
        if (__builtin_mul_overflow(value, lengths[next - 1], &value) ||
            __builtin_add_overflow(*seconds, value, seconds))
            return false;
    }
    return any;
}

/* "2030-01-01T00:00:00Z" or a stamp. */
static bool moment(const char *text, int64_t *time)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    char stamp[GK_STAMP_SIZE + 1] = "";
    size_t at = 0;

    if (strlen(text) == GK_STAMP_SIZE)
        return gk_stamp_parse(gk_octets_of(text), time);
    if (strlen(text) != strlen(form))
        return false;
    for (size_t i = 0; form[i]; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';

        if (form[i] == 'd' ? !digit : text[i] != form[i])
            return false;
        if (form[i] == 'd' || form[i] == 'Z')
            stamp[at++] = text[i];
    }
    return gk_stamp_parse(gk_octets_of(stamp), time);
}

bool source_life(struct source *source, const xmlNode *at, const char *name, struct token_life *to)
{
    const char *text = source_attribute(at, name);

    if (!text)
        return true;
    to->kind = TOKEN_LIFE_INTERVAL;
    if (friendly(text, &to->value) || iso_duration(text, &to->value))
        return true;
    to->kind = TOKEN_LIFE_GT;
    if (moment(text, &to->value))
        return true;
    to->kind = TOKEN_LIFE_UTC;
    if (strncmp(text, "utc ", 4) == 0 && moment(text + 4, &to->value) && der_utc_holds(to->value))
        return true;
    return source_refuse_value(source, at, name,
                               "a time as \"30 s\", \"24 h\", \"7 d\", \"PT24H\" or "
                               "\"2030-01-01T00:00:00Z\"");
}
