/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "gsakmp/run/control.h"
#include "gsakmp/run/file.h"
#include "gsakmp/run/secure.h"
#include "roles/program/settings.h"
#include "token/token.h"

static const char usage[] =
    "Usage: gsakmpctl [-s SOCKET] [-g GROUP] [--json] COMMAND [ARGUMENTS]\n"
    "Talk to a running gcksd or gsakmpd.\n"
    "\n"
    "Either:\n"
    "  status              what it is doing\n"
    "At gcksd:\n"
    "  members             who is in the group, and by which rule\n"
    "  excluded            names on the local exclusion list\n"
    "  evict NAME...       expel members, exclude them here, change the keys\n"
    "  readmit NAME        take a name off the local exclusion list\n"
    "  rekey               change the keys now\n"
    "  publish FILE        put a new signed token in force\n"
    "  destroy --yes       end the group for ever\n"
    "At gsakmpd:\n"
    "  join | leave        enter or leave the group\n"
    "  key GROUP [--show]  print the current keys: identifier, handle, type, key\n"
    "                      (to a terminal only with --show)\n"
    "\n"
    "  -s, --socket SOCKET  the daemon's control socket [/run/gsakmp/gsakmp.sock]\n"
    "  -g, --group GROUP    the group, by the name it has in the daemon's configuration\n"
    "      --json           print the daemon's answer as JSON\n"
    "      --help, --version\n"
    "\n"
    "Exit: 0 done, 1 refused, 2 could not run.\n";

struct options {
    const char *socket;
    const char *group;
    bool json, show, yes;
};

static int complain(const char *text)
{
    fprintf(stderr, "gsakmpctl: %s\n", text);
    return EXIT_COULD_NOT;
}

/* --- what is printed ------------------------------------------------------------------ */

static void print_scalar(const json_t *value)
{
    if (json_is_string(value))
        fputs(json_string_value(value), stdout);
    else if (json_is_integer(value))
        printf("%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "yes" : "no", stdout);
    else
        fputs("-", stdout);
}

static void print_flat(const json_t *object, const char *prefix)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        char *path = gk_format("%s%s", prefix, name);

        if (json_is_object(value)) {
            char *deeper = gk_format("%s.", path);

            print_flat(value, deeper);
            free(deeper);
        } else if (!json_is_array(value) && strcmp(path, "ok") != 0) {
            printf("%-22s ", path);
            print_scalar(value);
            putchar('\n');
        }
        free(path);
    }
}

static void print_keys(const json_t *keys, bool secret)
{
    size_t i;
    json_t *key;

    json_array_foreach(keys, i, key)
    {
        const char *octets = json_string_value(json_object_get(key, "key"));
        const char *type = json_string_value(json_object_get(key, "type"));

        if (!secret)
            printf("%-22s ", "key");
        printf("%s %s", json_string_value(json_object_get(key, "id")),
               json_string_value(json_object_get(key, "handle")));
        if (type)
            printf(" %s", type);
        if (secret && octets)
            printf(" %s", octets);
        putchar('\n');
    }
}

static void print_members(const json_t *members)
{
    size_t i;
    json_t *member;

    json_array_foreach(members, i, member)
    {
        printf("%8lld  %s  %-7s  %s\n          by %s\n",
               (long long)json_integer_value(json_object_get(member, "member_id")),
               json_string_value(json_object_get(member, "joined")),
               json_is_true(json_object_get(member, "acknowledged")) ? "member" : "pending",
               json_string_value(json_object_get(member, "name")),
               json_string_value(json_object_get(member, "rule")));
    }
}

static void print_names(const json_t *names)
{
    size_t i;
    json_t *name;

    json_array_foreach(names, i, name) puts(json_string_value(name));
}

static void print_answer(const json_t *answer, const struct options *options, bool secret)
{
    if (options->json) {
        json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        putchar('\n');
        return;
    }
    print_flat(answer, "");
    print_keys(json_object_get(answer, "keys"), secret);
    print_members(json_object_get(answer, "members"));
    print_names(json_object_get(answer, "excluded"));
}

/* --- asking ----------------------------------------------------------------------------- */

static int ask(const struct options *options, json_t *request, bool secret)
{
    const char *pages = json_object_get(request, "cursor") ? "cursor" : NULL;
    struct gk_reason why;

    for (;;) {
        json_t *answer = run_control_ask(options->socket, request, 30000, &why);
        json_t *cursor;

        if (!answer) {
            json_decref(request);
            return complain(why.text);
        }
        if (!json_is_true(json_object_get(answer, "ok"))) {
            const char *error = json_string_value(json_object_get(answer, "error"));

            fprintf(stderr, "gsakmpctl: %s\n", error ? error : "refused");
            json_decref(answer);
            json_decref(request);
            return EXIT_REFUSED;
        }
        cursor = pages ? json_incref(json_object_get(answer, pages)) : NULL;
        if (pages && !options->json)
            json_object_del(answer, pages);
        print_answer(answer, options, secret);
        json_decref(answer);
        if (!cursor || json_is_null(cursor)) {
            json_decref(cursor);
            break;
        }
        json_object_set_new(request, pages, cursor);
    }
    json_decref(request);
    return EXIT_GOOD;
}

static json_t *request_of(const struct options *options, const char *command)
{
    json_t *request = json_pack("{s:s}", "command", command);

    if (options->group)
        json_object_set_new(request, "group", json_string(options->group));
    return request;
}

static int plain(struct options *options, const char *command, int argc, char **argv)
{
    (void)argv;
    if (argc)
        return complain("this command takes no arguments");
    return ask(options, request_of(options, command), false);
}

static int paged(struct options *options, const char *command, int argc, char **argv)
{
    json_t *request = request_of(options, command);

    (void)argv;
    if (argc) {
        json_decref(request);
        return complain("this command takes no arguments");
    }
    json_object_set_new(request, "cursor", json_integer(0));
    return ask(options, request, false);
}

static int names(struct options *options, const char *command, int argc, char **argv)
{
    json_t *request = request_of(options, command);
    json_t *list = json_array();

    for (int i = 0; i < argc; i++)
        json_array_append_new(list, json_string(argv[i]));
    json_object_set_new(request, "names", list);
    if (argc)
        return ask(options, request, false);
    json_decref(request);
    return complain("name whom, for example CN=Eve,OU=video,O=Acme");
}

static int publish(struct options *options, const char *command, int argc, char **argv)
{
    struct gk_writer token = {0};
    struct gk_reason why;
    json_t *request;
    char *hex;

    if (argc != 1)
        return complain("publish takes one signed token");
    if (!run_file_read(argv[0], TOKEN_MAX, &token, &why)) {
        gk_writer_free(&token);
        return complain(why.text);
    }
    request = request_of(options, command);
    hex = gk_hex(gk_writer_octets(&token));
    json_object_set_new(request, "token", json_string(hex));
    free(hex);
    gk_writer_free(&token);
    return ask(options, request, false);
}

static int destroy(struct options *options, const char *command, int argc, char **argv)
{
    (void)argv;
    if (argc)
        return complain("destroy takes no arguments");
    if (!options->yes)
        return complain("destroy ends the group for ever: no member keeps a key, and its Group ID "
                        "is never used again; say destroy --yes");
    return ask(options, request_of(options, command), false);
}

static int key(struct options *options, const char *command, int argc, char **argv)
{
    if (argc > 1)
        return complain("key takes one group");
    if (argc)
        options->group = argv[0];
    if (isatty(STDOUT_FILENO) && !options->show)
        return complain("a terminal shows keys to whoever looks at it or scrolls back; redirect "
                        "the output, or say --show");
    return ask(options, request_of(options, command), true);
}

static const struct command {
    const char *name;
    int (*run)(struct options *options, const char *command, int argc, char **argv);
} commands[] = {
    {"status", plain}, {"members", paged}, {"excluded", paged},  {"rekey", plain},
    {"evict", names},  {"readmit", names}, {"publish", publish}, {"destroy", destroy},
    {"join", plain},   {"leave", plain},   {"key", key},
};

int main(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"socket", required_argument, NULL, 's'}, {"group", required_argument, NULL, 'g'},
        {"json", no_argument, NULL, 'j'},         {"show", no_argument, NULL, 'w'},
        {"yes", no_argument, NULL, 'y'},          {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0}};
    struct options options = {.socket = "/run/gsakmp/gsakmp.sock"};
    int option;

    run_secure_json();

    while ((option = getopt_long(argc, argv, "s:g:", long_options, NULL)) != -1) {
        switch (option) {
        case 's':
            options.socket = optarg;
            break;
        case 'g':
            options.group = optarg;
            break;
        case 'j':
            options.json = true;
            break;
        case 'w':
            options.show = true;
            break;
        case 'y':
            options.yes = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_GOOD;
        case 'v':
            puts("gsakmpctl (gsakmp) " PACKAGE_VERSION);
            return EXIT_GOOD;
        default:
            return EXIT_COULD_NOT;
        }
    }
    for (size_t i = 0; optind < argc && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[optind], commands[i].name) == 0)
            return commands[i].run(&options, argv[optind], argc - optind - 1, argv + optind + 1);
    }
    fputs(usage, stderr);
    return EXIT_COULD_NOT;
}
