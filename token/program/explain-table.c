/* SPDX-License-Identifier: Apache-2.0 */
/* explain: who gains and who loses what when one token takes the place of another. */
#include "token/program/explain.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "token/finding-show.h"
#include "gsakmp/run/progress.h"

#define NAME_ROOM  1024
#define FILES_MOST ((size_t)1 << 20)

struct table {
    const struct explain *explain;
    struct ask_sums sums;
    size_t unusable;
    struct gk_writer text;  /* lines so far */
    json_t *people, *files; /* of JSON */
};

static json_t *made(json_t *value)
{
    if (!value)
        abort(); /* out of memory: sizes are bounded */
    return value;
}

static void add(json_t *list, json_t *value)
{
    if (json_array_append_new(list, made(value)) < 0)
        abort();
}

static void put(struct gk_writer *to, char *text)
{
    gk_write_octets(to, gk_octets_of(text));
    free(text);
}

/* --- one certificate -------------------------------------------------------------------------- */

static void put_roles(struct gk_writer *to, const char *what, unsigned roles)
{
    const char *before = " ";

    if (!roles)
        return;
    put(to, gk_format("; %s", what));
    for (unsigned role = 0; role < ASK_ROLES; role++) {
        if (!(roles >> role & 1))
            continue;
        put(to, gk_format("%s%s", before, ask_role_name((enum ask_role)role)));
        before = ", ";
    }
}

static json_t *roles_json(unsigned roles)
{
    json_t *list = made(json_array());

    for (unsigned role = 0; role < ASK_ROLES; role++) {
        if (roles >> role & 1)
            add(list, json_string(ask_role_name((enum ask_role)role)));
    }
    return list;
}

static void tell_person(struct table *table, const char *path, const struct pki_identity *identity,
                        unsigned before, unsigned after)
{
    char file[NAME_ROOM];
    char name[NAME_ROOM];

    (void)gk_escape(file, sizeof file, gk_octets_of(path));
    (void)gk_escape(name, sizeof name, identity->name);
    if (table->explain->json) {
        add(table->people, json_pack("{s:s, s:s, s:o, s:o, s:o}", "file", file, "name", name,
                                     "gains", roles_json(after & ~before), "loses",
                                     roles_json(before & ~after), "has", roles_json(after)));
        return;
    }
    put(&table->text, gk_format("%s: %s", file, name));
    put_roles(&table->text, "gains", after & ~before);
    put_roles(&table->text, "loses", before & ~after);
    if (before == after)
        put_roles(&table->text, "has as before", after);
    put(&table->text, gk_strdup(before == after && !after ? "; has nothing, as before\n" : "\n"));
}

static void tell_unusable(struct table *table, const char *path, const struct gk_reason *why)
{
    char file[NAME_ROOM];

    table->unusable++;
    if (table->explain->json)
        add(table->files,
            json_pack("{s:s, s:o}", "file", gk_escape(file, sizeof file, gk_octets_of(path)), "why",
                      finding_string(why->text)));
    else
        (void)complain_of(path, why);
}

static void ask_person(struct table *table, struct progress *progress, const char *path)
{
    struct pki_identity *identity = NULL;
    struct gk_reason why = {0};
    unsigned before;
    unsigned after;
    bool refused;

    if (!explain_person(table->explain, path, &identity, &refused, &why)) {
        progress_end(progress);
        tell_unusable(table, path, &why);
        return;
    }
    before = ask_roles(table->explain->token[0].rules, RULES_ANY, identity, NULL);
    after = ask_roles(table->explain->token[1].rules, RULES_ANY, identity, NULL);
    if (ask_count(&table->sums, before, after) || table->explain->all)
        tell_person(table, path, identity, before, after);
    pki_identity_free(identity);
}

/* --- the sums --------------------------------------------------------------------------------- */

static void put_sums(struct table *table)
{
    const struct ask_sums *sums = &table->sums;

    put(&table->text, gk_format("%zu certificates, %zu of them gain or lose, %zu files are no "
                                "certificate that is taken\n",
                                sums->asked, sums->changed, table->unusable));
    for (unsigned role = 0; role < ASK_ROLES; role++) {
        if (sums->gained[role] || sums->lost[role])
            put(&table->text,
                gk_format("  %-12s %zu gain, %zu lose\n", ask_role_name((enum ask_role)role),
                          sums->gained[role], sums->lost[role]));
    }
}

static json_t *sums_json(const struct table *table)
{
    json_t *gained = made(json_object());
    json_t *lost = made(json_object());

    for (unsigned role = 0; role < ASK_ROLES; role++) {
        const char *name = ask_role_name((enum ask_role)role);

        if (json_object_set_new(gained, name, json_integer((json_int_t)table->sums.gained[role])) <
                0 ||
            json_object_set_new(lost, name, json_integer((json_int_t)table->sums.lost[role])) < 0)
            abort();
    }
    return made(json_pack("{s:I, s:I, s:I, s:o, s:o}", "certificates",
                          (json_int_t)table->sums.asked, "changed", (json_int_t)table->sums.changed,
                          "unusable", (json_int_t)table->unusable, "gain", gained, "lose", lost));
}

static int tell(struct table *table)
{
    const struct explained *token = table->explain->token;
    struct gk_reason why = {0};
    int status;

    if (table->explain->json) {
        status = deliver_json(
            made(json_pack("{s:o, s:o, s:O, s:O, s:o}", "old", explained_json(&token[0]), "new",
                           explained_json(&token[1]), "people", table->people, "unusable",
                           table->files, "sums", sums_json(table))));
    } else {
        put_sums(table);
        status = deliver(NULL, gk_writer_octets(&table->text), &why);
    }
    return status == DONE && table->sums.changed ? REFUSED : status;
}

/* --- many ------------------------------------------------------------------------------------- */

struct files {
    size_t count;
    char **at;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Regular files without a dot in front; folders are passed over. */
static void take_file(struct files *files, const char *folder, const char *name)
{
    char *path = gk_format("%s/%s", folder, name);
    struct stat about;

    if (name[0] == '.' || stat(path, &about) < 0 || !S_ISREG(about.st_mode)) {
        free(path);
        return;
    }
    if ((files->count & (files->count - 1)) == 0)
        files->at = gk_realloc(files->at, files->count ? 2 * files->count : 1, sizeof *files->at);
    files->at[files->count++] = path;
}

static bool list_files(const char *folder, struct files *files, struct gk_reason *why)
{
    DIR *at = opendir(folder);
    struct dirent *entry;

    if (!at)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-folder", "%s: %s", folder,
                         strerror(errno));
    while (files->count <= FILES_MOST && (entry = readdir(at)))
        take_file(files, folder, entry->d_name);
    (void)closedir(at);
    if (files->count > FILES_MOST)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-folder",
                         "%s: there are more than %zu files, and who is left out would not be told",
                         folder, FILES_MOST);
    if (files->count)
        qsort(files->at, files->count, sizeof *files->at, by_name);
    return true;
}

static void drop_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->at[i]);
    free(files->at);
}

static void ask_all(struct table *table, const struct files *files)
{
    struct progress progress = progress_begin("certificates", files->count);

    for (size_t i = 0; i < files->count; i++) {
        progress_at(&progress, i);
        ask_person(table, &progress, files->at[i]);
    }
    progress_end(&progress);
}

static void begin(struct table *table)
{
    for (int i = 0; i < 2; i++) {
        char *text = explained_text(&table->explain->token[i]);

        put(&table->text, gk_format("%s: %s\n", i ? "new" : "old", text));
        free(text);
    }
}

int explain_table(const struct explain *explain)
{
    struct table table = {
        .explain = explain, .people = made(json_array()), .files = made(json_array())};
    struct files files = {0};
    struct gk_reason why = {0};
    int status = NOT_RUN;

    if (explain->directory && !list_files(explain->directory, &files, &why)) {
        (void)complain_of(explain->directory, &why);
    } else {
        if (explain->certificate) {
            files.at = gk_alloc(1, sizeof *files.at);
            files.at[files.count++] = gk_strdup(explain->certificate);
        }
        begin(&table);
        ask_all(&table, &files);
        status = tell(&table);
        if (!table.sums.asked && status == DONE) {
            complain("there is no certificate that could be judged");
            status = NOT_RUN;
        }
    }
    drop_files(&files);
    gk_writer_free(&table.text);
    json_decref(table.people);
    json_decref(table.files);
    return status;
}
