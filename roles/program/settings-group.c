/* SPDX-License-Identifier: Apache-2.0 */
/* A group's section: announcement and local policy; keys and revocation lists have files of their
 * own. */
#include "roles/program/settings.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/run/file.h"
#include "token/kind.h"
#include "token/mechanism.h"

/* The section that is read. */
struct builder {
    struct settings_group *group;
    const char *file;
};

static bool read_announcement(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    const char *name = cfg_getstr(group->section, "announcement");
    struct gk_writer octets = {0};
    char *path;
    struct gk_reason inner;

    if (!name)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "announcement-missing",
                         "%s: group \"%s\" has no announcement; the group owner makes one with "
                         "gsakmp-token announce",
                         builder->file, group->title);
    path = settings_path(builder->file, name);
    if (!run_file_read(path, ANNOUNCEMENT_MAX, &octets, why)) {
        free(path);
        return false;
    }
    group->announcement = announcement_read(gk_writer_octets(&octets), &inner);
    if (!group->announcement)
        (void)token_kind_explain(gk_writer_octets(&octets), TOKEN_KIND_ANNOUNCEMENT,
                                 "the group's announcement", &inner);
    if (!group->announcement)
        (void)gk_refuse(why, GK_NONE, GK_NO_OFFSET, inner.code, "%s: %.180s", path, inner.text);
    gk_writer_free(&octets);
    free(path);
    return group->announcement != NULL;
}

static bool read_mechanisms(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    unsigned count = cfg_size(group->section, "mechanisms");

    if (count > SETTINGS_MECHANISMS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanisms", "more than %d mechanisms",
                         SETTINGS_MECHANISMS);
    for (unsigned i = 0; i < count; i++) {
        const char *name = cfg_getnstr(group->section, "mechanisms", i);
        struct gk_reason inner;

        if (!token_mechanism_parse(name, &group->mechanisms[i], &inner))
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "mechanisms",
                             "%.60s: group \"%.40s\": %.180s", builder->file, group->title,
                             inner.text);
    }
    group->policy.local.mechanisms = count ? group->mechanisms : NULL;
    group->policy.local.mechanism_count = count;
    return true;
}

static bool read_policy(struct builder *builder, struct gk_reason *why)
{
    struct settings_group *group = builder->group;
    struct load_policy *policy = &group->policy;
    const struct announcement *from = group->announcement;
    long edition;
    long skew;

    if (!settings_number(group->section, builder->file, "minimum_edition", 0, LONG_MAX, &edition,
                         why) ||
        !settings_number(group->section, builder->file, "skew", 1, 86400, &skew, why))
        return false;
    for (size_t i = 0; i < from->root_count; i++) {
        if (!pki_check_root(gk_secret_octets(&from->root[i]), why))
            return false;
    }
    policy->group = from->group;
    policy->owner = gk_octets_of(from->owner);
    policy->has_owner_fingerprint = true;
    memcpy(policy->owner_fingerprint, from->owner_fingerprint, sizeof policy->owner_fingerprint);
    for (size_t i = 0; i < from->root_count; i++)
        group->roots[i] = gk_secret_octets(&from->root[i]);
    policy->trust.roots = group->roots;
    policy->trust.root_count = from->root_count;
    policy->trust.crls = group->crls.at;
    policy->trust.crl_count = group->crls.count;
    policy->trust.demand_crl = cfg_getbool(group->section, "demand_crls");
    policy->local.tolerate_suite_1 = cfg_getbool(group->section, "tolerate_suite_1");
    policy->trust.tolerate_sha1 = policy->local.tolerate_suite_1;
    policy->local.tolerate_unknown_protocols =
        cfg_getbool(group->section, "tolerate_unknown_protocols");
    policy->has_least_edition = edition || from->has_least_edition;
    policy->least_edition = edition ? edition : from->least_edition;
    policy->skew = skew;
    return read_mechanisms(builder, why);
}

bool settings_group_read(struct settings_group *group, const char *file, cfg_t *section,
                         struct gk_reason *why)
{
    struct builder builder = {.group = group, .file = file};

    *group = (struct settings_group){.title = cfg_title(section), .section = section};
    return read_announcement(&builder, why) && settings_credentials_read(group, file, why) &&
           settings_crls_read(&group->crls, file, section, why) && read_policy(&builder, why);
}

bool settings_apart(const struct settings_group *a, const struct settings_group *b,
                    struct gk_reason *why)
{
    return !gk_group_equal(&a->policy.group, &b->policy.group) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "groups",
                     "groups \"%.60s\" and \"%.60s\" have the same Group ID; one section is "
                     "enough",
                     a->title, b->title);
}

void settings_group_free(struct settings_group *group)
{
    announcement_free(group->announcement);
    settings_credentials_free(group);
    settings_crls_free(&group->crls);
    *group = (struct settings_group){0};
}
