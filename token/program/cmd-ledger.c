/* SPDX-License-Identifier: Apache-2.0 */
/* ledger: what was signed last, rebuilt and handed out. */
#include "token/program/sign.h"
#include "token/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#define LABEL_ROOM 1100

struct ask {
    const char *path, *out, *what;
    bool json;
};

char *group_label(struct gk_octets group)
{
    char *hex = gk_hex(group);
    char room[LABEL_ROOM];
    char *label =
        group.size > 8
            ? gk_format("%s \"%s\"", hex,
                        gk_escape(room, sizeof room, gk_octets(group.data + 8, group.size - 8)))
            : gk_strdup(hex);

    free(hex);
    return label;
}

static void say(struct gk_writer *to, const char *text)
{
    gk_write_octets(to, gk_octets_of(text));
}

/* --- show ----------------------------------------------------------------------- */

static void show_entry(const struct ledger_entry *entry, struct gk_writer *to)
{
    char *group = group_label(gk_secret_octets(&entry->group));
    char owner[LABEL_ROOM];
    char stamp[GK_STAMP_SIZE + 1];
    char *line;

    gk_stamp_format(entry->signing_time, stamp);
    line = gk_format("group %s: edition %lld, signed %s by %s\n", group, (long long)entry->edition,
                     stamp, gk_escape(owner, sizeof owner, gk_secret_octets(&entry->owner)));
    say(to, line);
    free(line);
    free(group);
}

static json_t *entry_json(const struct ledger_entry *entry)
{
    char *group = gk_hex(gk_secret_octets(&entry->group));
    char *hash = gk_hex(gk_octets(entry->hash, sizeof entry->hash));
    char stamp[GK_STAMP_SIZE + 1];
    json_t *object;

    gk_stamp_format(entry->signing_time, stamp);
    object = json_pack("{s:s, s:s%, s:I, s:s, s:s, s:I}", "group", group, "owner",
                       (const char *)entry->owner.data, entry->owner.size, "edition",
                       (json_int_t)entry->edition, "signed", stamp, "sha256", hash, "octets",
                       (json_int_t)entry->token.size);
    if (!object)
        abort();
    free(hash);
    free(group);
    return object;
}

static void show_json(const struct ledger_file *file, struct gk_writer *to)
{
    json_t *groups = json_array();

    for (size_t i = 0; i < file->ledger.count; i++)
        token_json_append(groups, entry_json(&file->ledger.entry[i]));
    token_json_write(json_pack("{s:o}", "groups", groups), 2, to);
}

static bool check_all(const struct ledger_file *file, struct gk_reason *why)
{
    for (size_t i = 0; i < file->ledger.count; i++) {
        if (!ledger_check(&file->ledger.entry[i], why))
            return false;
    }
    return true;
}

static int show(const struct ask *ask)
{
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    struct ledger_file file;
    int status;

    if (!ledger_file_open(ask->path, LEDGER_LOOK, &file, &why))
        return complain_of("ledger", &why);
    if (!check_all(&file, &why)) {
        status = complain_of(file.path, &why);
    } else {
        if (ask->json)
            show_json(&file, &to);
        for (size_t i = 0; !ask->json && i < file.ledger.count; i++)
            show_entry(&file.ledger.entry[i], &to);
        status = deliver(NULL, gk_writer_octets(&to), &why);
    }
    gk_writer_free(&to);
    ledger_file_close(&file);
    return status;
}

/* --- adopt ---------------------------------------------------------------------- */

/* Only grows: what was signed later stays, and two tokens of one edition are told of. */
static bool adopt_entry(struct ledger_file *file, struct ledger_entry *entry, struct gk_reason *why)
{
    const struct ledger_entry *last = ledger_find(&file->ledger, gk_secret_octets(&entry->group),
                                                  gk_secret_octets(&entry->owner));

    if (last && !ledger_check(last, why))
        return false;
    if (last && last->edition == entry->edition &&
        memcmp(last->hash, entry->hash, sizeof entry->hash) != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-two-tokens",
                         "the ledger has another token of edition %lld, signed by the same "
                         "owner; members hold one or the other: sign a higher edition soon",
                         (long long)entry->edition);
    if (last && last->edition > entry->edition)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-older",
                         "edition %lld is older than edition %lld, which the ledger has; it "
                         "stays as it is",
                         (long long)entry->edition, (long long)last->edition);
    return ledger_record(&file->ledger, entry, why) && ledger_file_store(file, why);
}

static int adopt_into(const struct ask *ask, struct ledger_entry *entry)
{
    struct gk_reason why = {0};
    struct gk_writer line = {0};
    struct ledger_file file;
    int status;

    if (!ledger_file_open(ask->path, LEDGER_BEGIN, &file, &why))
        return complain_of("ledger", &why);
    show_entry(entry, &line);
    if (adopt_entry(&file, entry, &why))
        status = deliver(NULL, gk_writer_octets(&line), &why);
    else
        status = complain_of(ask->what, &why);
    gk_writer_free(&line);
    ledger_file_close(&file);
    return status;
}

static int adopt(const struct ask *ask)
{
    struct gk_reason why = {0};
    struct gk_secret octets = {0};
    struct ledger_entry entry = {0};
    int status;

    if (!load_file(ask->what, &octets, &why))
        return complain_of(ask->what, &why);
    if (ledger_entry_of(gk_secret_octets(&octets), &entry, &why)) {
        status = adopt_into(ask, &entry);
    } else {
        (void)token_kind_explain(gk_secret_octets(&octets), TOKEN_KIND_SIGNED, "a signed token",
                                 &why);
        status = complain_of(ask->what, &why);
    }
    ledger_entry_free(&entry);
    gk_secret_free(&octets);
    return status;
}

/* --- export --------------------------------------------------------------------- */

/* By its Group ID value in hexadecimal, or by what stands behind the random octets. */
static bool is_named(const struct ledger_entry *entry, const char *name)
{
    struct gk_octets group = gk_secret_octets(&entry->group);
    char *hex = gk_hex(group);
    bool is = strcmp(hex, name) == 0 ||
              (group.size > 8 &&
               gk_octets_equal(gk_octets(group.data + 8, group.size - 8), gk_octets_of(name)));

    free(hex);
    return is;
}

static bool find_named(const struct ledger_file *file, const char *name,
                       const struct ledger_entry **found, struct gk_reason *why)
{
    *found = NULL;
    for (size_t i = 0; i < file->ledger.count; i++) {
        const struct ledger_entry *entry = &file->ledger.entry[i];

        if (!is_named(entry, name))
            continue;
        if (*found)
            return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger-group",
                             "several groups have that name; say the whole Group ID value in "
                             "hexadecimal, as ledger show does");
        *found = entry;
    }
    return *found != NULL || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-ledger-group",
                                       "the ledger has no such group; ledger show lists them");
}

static int export(const struct ask *ask)
{
    struct gk_reason why = {0};
    const struct ledger_entry *entry;
    struct ledger_file file;
    const char *kept;
    int status;

    if (!ledger_file_open(ask->path, LEDGER_LOOK, &file, &why))
        return complain_of("ledger", &why);
    kept = file.path;
    if (!output_is_apart(ask->out, &kept, 1, &why))
        status = complain_of(ask->out, &why);
    else if (find_named(&file, ask->what, &entry, &why) && ledger_check(entry, &why))
        status = deliver(ask->out, gk_secret_octets(&entry->token), &why);
    else
        status = complain_of(ask->what, &why);
    ledger_file_close(&file);
    return status;
}

/* --- options -------------------------------------------------------------------- */

static int run_action(const char *action, struct ask *ask, int left, char **rest)
{
    if (strcmp(action, "show") == 0)
        return left || ask->out ? misused(&command_ledger, "show takes no file") : show(ask);
    if (left != 1)
        return misused(&command_ledger, "show, adopt SIGNED.pt or export GROUP is needed");
    ask->what = *rest;
    if (strcmp(action, "adopt") == 0)
        return ask->out ? misused(&command_ledger, "adopt takes no -o") : adopt(ask);
    if (strcmp(action, "export") != 0)
        return misused(&command_ledger, "%s is none of show, adopt and export", action);
    return ask->out ? export(ask) : misused(&command_ledger, "export needs -o");
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"ledger", required_argument, NULL, 'l'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct ask ask = {0};
    int option;

    while ((option = getopt_long(argc, argv, "l:jo:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_ledger);
        if (option == 'l')
            ask.path = optarg;
        else if (option == 'j')
            ask.json = true;
        else if (option == 'o')
            ask.out = optarg;
        else
            return misused(&command_ledger, "an option is wrong");
    }
    if (argc == optind)
        return misused(&command_ledger, "show, adopt SIGNED.pt or export GROUP is needed");
    return run_action(argv[optind], &ask, argc - optind - 1, argv + optind + 1);
}

const struct command command_ledger = {
    "ledger", "what was signed last for each group",
    "Usage: gsakmp-token ledger show [--json]\n"
    "       gsakmp-token ledger adopt SIGNED.pt\n"
    "       gsakmp-token ledger export GROUP -o OUT.pt\n"
    "The owner's ledger has the last signed token of each group; sign keeps it, so that editions\n"
    "and signing times only grow. show lists it. adopt rebuilds one that was lost, group by\n"
    "group, from the last signed tokens. export writes such a token out again; GROUP is the\n"
    "Group ID value in hexadecimal, or the group's name.\n\n"
    "  -l, --ledger FILE   the ledger, instead of $XDG_STATE_HOME/gsakmp/ledger or\n"
    "                      ~/.local/state/gsakmp/ledger\n"
    "  -j, --json          show as JSON\n"
    "  -o, --output FILE   where the token goes; - is standard output\n",
    run};
