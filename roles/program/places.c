/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/places.h"

#include <stdlib.h>

#include "gsakmp/run/run.h"
#include "token/name.h"
#include "roles/program/settings.h"

struct place {
    struct gk_secret name_key;
    struct gk_address to;
};

struct places {
    size_t count;
    struct place place[]; /* ordered by key */
};

cfg_opt_t places_options[] = {CFG_STR("to", NULL, CFGF_NONE), CFG_END()};

static int order(const void *a, const void *b)
{
    const struct place *one = a;
    const struct place *other = b;

    return gk_octets_compare(gk_secret_octets(&one->name_key), gk_secret_octets(&other->name_key));
}

static bool read_place(cfg_t *section, const char *file, struct place *place, struct gk_reason *why)
{
    const char *to = cfg_getstr(section, "to");
    struct gk_writer key = {0};
    struct gk_reason inner;
    bool good = name_key(gk_octets_of(cfg_title(section)), &key, &inner);

    place->name_key = gk_writer_take(&key);
    good = good && run_address_parse(to ? to : "", GSAKMP_PORT, &place->to, &inner);
    if (good && gk_address_is_multicast(&place->to))
        good = gk_refuse(&inner, GK_NONE, GK_NO_OFFSET, "address",
                         "to is a multicast address; the announcement names these");
    return good || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rekey-address",
                             "%.100s: rekey_address \"%.60s\": %.120s", file, cfg_title(section),
                             inner.text);
}

bool places_read(cfg_t *group, const char *file, struct places **places, struct gk_reason *why)
{
    unsigned count = cfg_size(group, "rekey_address");
    struct places *read;

    *places = NULL;
    if (!count)
        return true;
    *places = read = gk_alloc(1, sizeof *read + count * sizeof *read->place);
    for (unsigned i = 0; i < count; i++) {
        if (!read_place(cfg_getnsec(group, "rekey_address", i), file, &read->place[read->count++],
                        why))
            return false;
    }
    qsort(read->place, read->count, sizeof *read->place, order);
    for (size_t i = 1; i < read->count; i++) {
        if (order(&read->place[i - 1], &read->place[i]) == 0)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "rekey-address",
                             "%.180s: two rekey_address sections name the same member", file);
    }
    return true;
}

void places_free(struct places *places)
{
    for (size_t i = 0; places && i < places->count; i++)
        gk_secret_free(&places->place[i].name_key);
    free(places);
}

bool places_of(void *context, struct gk_octets name_key, struct gk_address *to)
{
    const struct places *places = context;
    struct place asked = {.name_key = gk_secret_copy(name_key)};
    const struct place *found =
        bsearch(&asked, places->place, places->count, sizeof *places->place, order);

    gk_secret_free(&asked.name_key);
    if (found)
        *to = found->to;
    return found != NULL;
}
