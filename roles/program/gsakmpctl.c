/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "gsakmp/run/control.h"
#include "gsakmp/run/file.h"
#include "gsakmp/run/progress.h"
#include "gsakmp/run/secure.h"
#include "roles/program/ctl-print.h"
#include "roles/program/settings.h"
#include "token/token.h"

static const char usage[] =
    "Usage: gsakmpctl [-s SOCKET] [-g GROUP] [--json] COMMAND [ARGUMENTS]\n"
    "Talk to a running gcksd or gsakmpd.\n"
    "\n"
    "At both:\n"
    "  status              how it stands, in words and numbers\n"
    "  watch [GROUP]       what happens from now on, an event a line, as JSON\n"
    "At gcksd:\n"
    "  members             who is in the group, and by which rule\n"
    "  excluded            names on the local exclusion list\n"
    "  evict NAME...       expel members, exclude them here, change the keys at once\n"
    "        --by-policy   or when the token's rekey policy says so\n"
    "  readmit NAME        take a name off the local exclusion list\n"
    "  rekey               change the keys now\n"
    "  publish FILE        put a new signed token in force\n"
    "        --yes         also when more than a tenth of the members would be out\n"
    "        --dry-run     change nothing; tell who would be out, and by which rule\n"
    "  destroy --yes       end the group for ever\n"
    "At gsakmpd:\n"
    "  join | leave        enter or leave the group\n"
    "  key GROUP [--use authentication|encryption] [--receive]\n"
    "      [--derive LABEL] [--show]\n"
    "                      print the keys to send with, one a line: identifier, handle,\n"
    "                      type, key (to a terminal only with --show); with --receive all\n"
    "                      that may be received with, and what each is for; with --derive 32\n"
    "                      octets made from each for that label, instead of the key\n"
    "\n"
    "  -s, --socket SOCKET  the daemon's control socket [/run/gsakmp/gcksd.sock or\n"
    "                       /run/gsakmp/gsakmpd.sock, by the command; status asks both]\n"
    "  -g, --group GROUP    the group, by the name it has in the daemon's configuration;\n"
    "                       without it, status tells of all\n"
    "      --json           print the daemon's answer as JSON\n"
    "      --help           show this and end\n"
    "      --version        show the version and end\n"
    "\n"
    "Exit: 0 done, 1 refused, 2 could not run.\n";

struct options {
    const char *socket;
    const char *group;
    const char *use;
    const char *derive;
    bool json, receive, show, yes, by_policy, dry_run;
    int patience; /* ms for an answer */
};

#define PATIENCE_MS      30000
#define PATIENCE_LONG_MS 600000 /* a million members, judged by a thousand rules */

static int complain(const char *text)
{
    fprintf(stderr, "gsakmpctl: %s\n", text);
    return EXIT_COULD_NOT;
}

/* Names are others' text, and terminals take orders in it (C1, after 0xc2): to them in ASCII. */
static void print_json(const json_t *object, size_t flags)
{
    json_dumpf(object, stdout, isatty(STDOUT_FILENO) ? flags | JSON_ENSURE_ASCII : flags);
    putchar('\n');
}

static void print_answer(const json_t *answer, const struct options *options, bool secret)
{
    if (!options->json) {
        ctl_print(answer, secret);
        return;
    }
    print_json(answer, JSON_INDENT(2) | JSON_SORT_KEYS);
}

/* --- asking ----------------------------------------------------------------------------- */

/* A command that was sent to the other daemon is a common mistake. */
static int refused(const struct options *options, const json_t *answer)
{
    const char *error = json_string_value(json_object_get(answer, "error"));
    const char *code = json_string_value(json_object_get(answer, "code"));

    fprintf(stderr, "gsakmpctl: %s", error ? error : "refused");
    if (code && strcmp(code, "too-many-out") == 0)
        fprintf(stderr, " (publish --dry-run lists them, publish --yes publishes all the same)");
    if (code && strcmp(code, "control-unknown") == 0)
        fprintf(stderr, " at %s; see gsakmpctl --help for whose it is", options->socket);
    fputc('\n', stderr);
    return EXIT_REFUSED;
}

struct waiting {
    struct progress progress;
    time_t since;
};

static void waits(void *context)
{
    struct waiting *waiting = context;

    progress_at(&waiting->progress, (size_t)(time(NULL) - waiting->since));
}

/* One request and its answer. The cursor of the next page, NULL after the last. */
static int ask_page(const struct options *options, const json_t *request, bool secret,
                    json_t **cursor)
{
    struct waiting waiting = {.progress = progress_begin("s, waiting for the daemon", 0),
                              .since = time(NULL)};
    struct gk_reason why;
    json_t *answer =
        run_control_ask_long(options->socket, request, options->patience, waits, &waiting, &why);
    int code = EXIT_GOOD;

    progress_end(&waiting.progress);
    *cursor = NULL;
    if (!answer)
        return complain(why.text);
    if (!json_is_true(json_object_get(answer, "ok"))) {
        code = refused(options, answer);
    } else {
        if (json_object_get(request, "cursor"))
            *cursor = json_incref(json_object_get(answer, "cursor"));
        if (!options->json)
            json_object_del(answer, "cursor");
        print_answer(answer, options, secret);
        if (json_is_true(json_object_get(answer, "needs_force")) && !options->yes)
            code = EXIT_REFUSED;
    }
    json_decref(answer);
    return code;
}

static int ask(const struct options *options, json_t *request, bool secret)
{
    json_t *cursor;
    int code = EXIT_GOOD;

    for (;;) {
        int page = ask_page(options, request, secret, &cursor);

        code = page == EXIT_GOOD ? code : page;
        if (!json_is_integer(cursor))
            break;
        json_object_set_new(request, "cursor", cursor);
    }
    json_decref(cursor);
    json_decref(request);
    return code;
}

/* What is no UTF-8 has no JSON: left out, the command would be about somebody else. */
static json_t *text_of(const char *argument)
{
    json_t *text = json_string(argument);

    if (!text)
        exit(complain("a name or group is no UTF-8 text; nothing was asked of the daemon"));
    return text;
}

static json_t *request_of(const struct options *options, const char *command)
{
    json_t *request = json_pack("{s:s}", "command", command);

    if (options->group)
        json_object_set_new(request, "group", text_of(options->group));
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
        json_array_append_new(list, text_of(argv[i]));
    json_object_set_new(request, "names", list);
    if (options->by_policy)
        json_object_set_new(request, "by_policy", json_true());
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
    if (options->yes)
        json_object_set_new(request, "force", json_true());
    if (options->dry_run) {
        json_object_set_new(request, "dry_run", json_true());
        json_object_set_new(request, "cursor", json_integer(0));
    }
    options->patience = PATIENCE_LONG_MS;
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
    json_t *request;

    if (argc > 1)
        return complain("key takes one group");
    if (argc)
        options->group = argv[0];
    if (isatty(STDOUT_FILENO) && !options->show)
        return complain("a terminal shows keys to whoever looks at it or scrolls back; redirect "
                        "the output, or say --show");
    request = request_of(options, command);
    if (options->use)
        json_object_set_new(request, "data", json_string(options->use));
    if (options->derive)
        json_object_set_new(request, "derive", json_string(options->derive));
    if (options->receive)
        json_object_set_new(request, "receive", json_true());
    return ask(options, request, true);
}

#define SERVER "/run/gsakmp/gcksd.sock"
#define MEMBER "/run/gsakmp/gsakmpd.sock"

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* A host may run both daemons: without a socket said, both are asked. */
static int status(struct options *options, const char *command, int argc, char **argv)
{
    int server = EXIT_GOOD;
    int member;

    if (options->socket)
        return plain(options, command, argc, argv);
    if (is_there(SERVER)) {
        options->socket = SERVER;
        server = plain(options, command, argc, argv);
        if (!is_there(MEMBER))
            return server;
    }
    options->socket = MEMBER;
    member = plain(options, command, argc, argv);
    return server != EXIT_GOOD ? server : member;
}

/* --- watching --------------------------------------------------------------------------- */

struct watching {
    const struct options *options;
    bool answered;
    bool last; /* the daemon said that it ends */
    int code;
};

static bool show_event(void *context, const json_t *event)
{
    struct watching *watching = context;
    const char *name = json_string_value(json_object_get(event, "event"));

    if (!watching->answered && !json_is_true(json_object_get(event, "ok"))) {
        watching->code = refused(watching->options, event);
        return false;
    }
    if (!watching->answered)
        json_object_del((json_t *)(uintptr_t)event, "ok");
    watching->answered = true;
    print_json(event, JSON_COMPACT);
    if (fflush(stdout) != 0) {
        watching->code = complain("the output takes no more");
        return false;
    }
    watching->last = name && strcmp(name, "stopping") == 0;
    return !watching->last;
}

static int watch(struct options *options, const char *command, int argc, char **argv)
{
    struct watching watching = {.options = options, .code = EXIT_GOOD};
    struct gk_reason why;
    json_t *request;

    if (argc > 1)
        return complain("watch takes one group, or none for all");
    if (argc)
        options->group = argv[0];
    if (!options->socket)
        options->socket = is_there(MEMBER) || !is_there(SERVER) ? MEMBER : SERVER;
    request = request_of(options, command);
    if (!run_control_follow(options->socket, request, 30000, show_event, &watching, &why))
        watching.code = complain(why.text);
    json_decref(request);
    return watching.code;
}

static const struct command {
    const char *name;
    const char *socket;
    int (*run)(struct options *options, const char *command, int argc, char **argv);
} commands[] = {
    {"status", NULL, status},     {"members", SERVER, paged},   {"excluded", SERVER, paged},
    {"rekey", SERVER, plain},     {"evict", SERVER, names},     {"readmit", SERVER, names},
    {"publish", SERVER, publish}, {"destroy", SERVER, destroy}, {"join", MEMBER, plain},
    {"leave", MEMBER, plain},     {"key", MEMBER, key},         {"watch", NULL, watch},
};

static int run(struct options *options, int argc, char **argv)
{
    for (size_t i = 0; argc && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(argv[0], commands[i].name) != 0)
            continue;
        if (!options->socket)
            options->socket = commands[i].socket;
        return commands[i].run(options, argv[0], argc - 1, argv + 1);
    }
    if (argc)
        fprintf(stderr, "gsakmpctl: %.80s is no command; see gsakmpctl --help\n", argv[0]);
    else
        fputs(usage, stderr);
    return EXIT_COULD_NOT;
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = {{"socket", required_argument, NULL, 's'},
                                                 {"group", required_argument, NULL, 'g'},
                                                 {"json", no_argument, NULL, 'j'},
                                                 {"show", no_argument, NULL, 'w'},
                                                 {"receive", no_argument, NULL, 'r'},
                                                 {"use", required_argument, NULL, 'u'},
                                                 {"derive", required_argument, NULL, 'd'},
                                                 {"yes", no_argument, NULL, 'y'},
                                                 {"by-policy", no_argument, NULL, 'p'},
                                                 {"dry-run", no_argument, NULL, 'n'},
                                                 {"help", no_argument, NULL, 'h'},
                                                 {"version", no_argument, NULL, 'v'},
                                                 {NULL, 0, NULL, 0}};
    struct options options = {.patience = PATIENCE_MS};
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
        case 'r':
            options.receive = true;
            break;
        case 'w':
            options.show = true;
            break;
        case 'y':
            options.yes = true;
            break;
        case 'd':
            options.derive = optarg;
            break;
        case 'u':
            options.use = optarg;
            break;
        case 'p':
            options.by_policy = true;
            break;
        case 'n':
            options.dry_run = true;
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
    return run(&options, argc - optind, argv + optind);
}
