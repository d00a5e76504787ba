/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/program/permissions.h"

#include <stdlib.h>

#include "roles/name.h"

#define LEVEL_MOST 9

struct holder {
    struct gk_secret name_key;
    unsigned levels;
};

struct permissions {
    size_t count;
    struct holder holder[]; /* ordered by key */
};

cfg_opt_t permissions_options[] = {CFG_INT_LIST("levels", NULL, CFGF_NONE), CFG_END()};

static int order(const void *a, const void *b)
{
    const struct holder *one = a;
    const struct holder *other = b;

    return gk_octets_compare(gk_secret_octets(&one->name_key), gk_secret_octets(&other->name_key));
}

static bool read_levels(cfg_t *section, const char *file, unsigned *levels, struct gk_reason *why)
{
    *levels = 0;
    for (unsigned i = 0; i < cfg_size(section, "levels"); i++) {
        long level = cfg_getnint(section, "levels", i);

        if (level < 1 || level > LEVEL_MOST)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "permissions",
                             "%s: permissions \"%s\": level %ld; expected 1 to %d", file,
                             cfg_title(section), level, LEVEL_MOST);
        *levels |= 1u << level;
    }
    return true;
}

static bool read_holder(cfg_t *section, const char *file, struct holder *holder,
                        struct gk_reason *why)
{
    struct gk_writer key = {0};
    struct gk_reason inner;
    bool good = name_key(gk_octets_of(cfg_title(section)), &key, &inner) ||
                gk_refuse(why, GK_NONE, GK_NO_OFFSET, "permissions",
                          "%s: permissions \"%s\": %.120s", file, cfg_title(section), inner.text);

    holder->name_key = gk_writer_take(&key);
    return good && read_levels(section, file, &holder->levels, why);
}

struct permissions *permissions_read(cfg_t *group, const char *file, struct gk_reason *why)
{
    unsigned count = cfg_size(group, "permissions");
    struct permissions *permissions =
        gk_alloc(1, sizeof *permissions + count * sizeof *permissions->holder);

    for (unsigned i = 0; i < count; i++) {
        struct holder *holder = &permissions->holder[permissions->count++];

        if (!read_holder(cfg_getnsec(group, "permissions", i), file, holder, why)) {
            permissions_free(permissions);
            return NULL;
        }
    }
    qsort(permissions->holder, permissions->count, sizeof *permissions->holder, order);
    return permissions;
}

void permissions_free(struct permissions *permissions)
{
    for (size_t i = 0; permissions && i < permissions->count; i++)
        gk_secret_free(&permissions->holder[i].name_key);
    free(permissions);
}

unsigned permissions_of(void *context, const struct pki_identity *identity)
{
    const struct permissions *permissions = context;
    struct holder asked = {.name_key = gk_secret_copy(identity->name_key)};
    const struct holder *found = bsearch(&asked, permissions->holder, permissions->count,
                                         sizeof *permissions->holder, order);

    gk_secret_free(&asked.name_key);
    return found ? found->levels : 0;
}
