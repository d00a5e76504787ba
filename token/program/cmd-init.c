/* SPDX-License-Identifier: Apache-2.0 */
/* init: a first policy from a few answers, or from options that give them. */
#include "token/program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gsakmp/random.h"
#include "token/name.h"
#include "token/program/init.h"
#include "token/source.h"

#define ANSWER_ROOM 1024

struct task {
    struct init init;
    const char *out;
};

/* --- questions ---------------------------------------------------------------- */

static bool is_name(const char *answer, struct gk_reason *why)
{
    struct gk_writer key = {0};
    bool good = name_key(gk_octets_of(answer), &key, why);

    gk_writer_free(&key);
    return good;
}

static bool is_file(const char *answer, struct gk_reason *why)
{
    struct list list = {0};
    bool good = load_certificates(answer, &list, why);

    list_free(&list);
    return good;
}

static bool is_anything(const char *answer, struct gk_reason *why)
{
    return *answer || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "answer", "an answer is needed");
}

/* One line into `line`; false at the end of input. */
static bool read_answer(const char *question, const char *by_default, char line[ANSWER_ROOM])
{
    printf(by_default ? "%s [%s]: " : "%s: ", question, by_default);
    fflush(stdout);
    if (!fgets(line, ANSWER_ROOM, stdin))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

/* Asks until an answer is good; a fresh string, NULL when the input ends. */
static char *ask(const char *question, const char *by_default,
                 bool (*good)(const char *, struct gk_reason *))
{
    char line[ANSWER_ROOM];

    while (read_answer(question, by_default, line)) {
        const char *answer = *line || !by_default ? line : by_default;
        struct gk_reason why = {0};

        if (!*answer && by_default)
            return gk_strdup("");
        if (good(answer, &why))
            return gk_strdup(answer);
        printf("  %s\n", why.text);
    }
    return NULL;
}

static bool ask_one(const char **to, const char *question, const char *by_default,
                    bool (*good)(const char *, struct gk_reason *))
{
    if (!*to)
        *to = ask(question, by_default, good);
    return *to != NULL;
}

/* At least one where `needed`; an empty answer ends the list. */
static bool ask_names(const char **to, size_t *count, const char *question, bool needed)
{
    if (*count)
        return true;
    while (*count < INIT_MOST) {
        char *answer = ask(*count ? "  and" : question, *count || !needed ? "" : NULL, is_name);

        if (!answer)
            return false;
        if (!*answer) {
            free(answer);
            return true;
        }
        to[(*count)++] = answer;
    }
    return true;
}

static bool ask_all(struct init *init)
{
    puts("A policy needs a few answers; an empty one takes what stands in brackets. Names are\n"
         "written as CN=Key Server,OU=Servers,O=Acme,C=US; a part that is * stands for any value.");
    return ask_one(&init->name, "Name of the group", NULL, is_anything) &&
           ask_one(&init->ca, "Certificate file of the authority that certifies everybody", NULL,
                   is_file) &&
           ask_names(init->gcks, &init->gcks_count, "Name of the server", true) &&
           ask_names(init->allow, &init->allow_count, "Names of those who may join", true) &&
           ask_names(init->sender, &init->sender_count, "Names of those who may send, if not all",
                     false) &&
           ask_one(&init->suite, "Algorithms", "recommended", is_anything) &&
           ask_one(&init->every, "New keys every", "24 h", is_anything) &&
           ask_one(&init->transport, "Members register by udp or tcp", "udp", is_anything);
}

/* --- the policy ---------------------------------------------------------------- */

/* The first of the answers that nothing stands in for. */
static const char *missing(const struct init *init)
{
    return !init->name          ? "--name"
           : !init->ca          ? "--ca"
           : !init->gcks_count  ? "--gcks"
           : !init->allow_count ? "--allow"
                                : NULL;
}

static void set_default(const char **to, const char *value)
{
    if (!*to)
        *to = gk_strdup(value);
}

static bool answer(struct init *init)
{
    if (missing(init))
        return ask_all(init);
    set_default(&init->suite, "recommended");
    set_default(&init->every, "24 h");
    set_default(&init->transport, "udp");
    return true;
}

static void draw_random(struct task *task)
{
    uint8_t drawn[8];

    if (task->init.random)
        return;
    gk_random_fill(&gk_random_system, drawn, sizeof drawn);
    task->init.random = gk_hex(gk_octets(drawn, sizeof drawn));
}

/* The policy names the certificate relative to itself. */
static char *beside(const char *file, const char *out)
{
    char *real;
    char *copy;

    if (*file == '/' || !strchr(out, '/'))
        return gk_strdup(file);
    real = realpath(file, NULL);
    copy = gk_strdup(real ? real : file);
    free(real);
    return copy;
}

static int write_policy(struct task *task)
{
    char *given = (char *)(uintptr_t)task->init.ca;
    char *ca = beside(given, task->out);
    struct gk_writer xml = {0};
    struct gk_reason why = {0};
    struct token *token;
    int status;

    task->init.ca = ca;
    init_policy(&task->init, &xml);
    token =
        token_of(strcmp(task->out, "-") == 0 ? "policy" : task->out, gk_writer_octets(&xml), &why);
    status =
        token ? deliver(task->out, gk_writer_octets(&xml), &why) : complain_of(task->out, &why);
    if (status == DONE && strcmp(task->out, "-") != 0)
        printf("%s is written. Next: gsakmp-token show %s\n", task->out, task->out);
    task->init.ca = given;
    token_free(token);
    gk_writer_free(&xml);
    free(ca);
    return status;
}

/* --- options -------------------------------------------------------------------- */

static bool keep(const char **list, size_t *count, const char *value)
{
    if (*count == INIT_MOST)
        return false;
    list[(*count)++] = gk_strdup(value);
    return true;
}

static void set(const char **to, const char *value)
{
    free((char *)(uintptr_t)*to);
    *to = gk_strdup(value);
}

static bool take(struct task *task, int option, const char *value)
{
    struct init *init = &task->init;

    switch (option) {
    case 'n':
        set(&init->name, value);
        return true;
    case 'c':
        set(&init->ca, value);
        return true;
    case 'g':
        return keep(init->gcks, &init->gcks_count, value);
    case 'a':
        return keep(init->allow, &init->allow_count, value);
    case 's':
        return keep(init->sender, &init->sender_count, value);
    case 'u':
        set(&init->suite, value);
        return true;
    case 'e':
        set(&init->every, value);
        return true;
    case 't':
        set(&init->transport, value);
        return true;
    case 'r':
        set(&init->random, value);
        return true;
    case 'o':
        task->out = value;
        return true;
    default:
        return false;
    }
}

static bool one_line(const char *text)
{
    for (; text && *text; text++) {
        if ((unsigned char)*text < 0x20)
            return false;
    }
    return true;
}

static bool all_lines(const struct init *init)
{
    bool good = one_line(init->name) && one_line(init->ca) && one_line(init->suite) &&
                one_line(init->every) && one_line(init->transport) && one_line(init->random);

    for (size_t i = 0; i < INIT_MOST; i++)
        good = good && one_line(init->gcks[i]) && one_line(init->allow[i]) &&
               one_line(init->sender[i]);
    return good;
}

static int init_with(struct task *task, int argc, char **argv)
{
    static const struct option options[] = {
        {"name", required_argument, NULL, 'n'},   {"ca", required_argument, NULL, 'c'},
        {"gcks", required_argument, NULL, 'g'},   {"allow", required_argument, NULL, 'a'},
        {"sender", required_argument, NULL, 's'}, {"suite", required_argument, NULL, 'u'},
        {"every", required_argument, NULL, 'e'},  {"transport", required_argument, NULL, 't'},
        {"random", required_argument, NULL, 'r'}, {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_init);
        if (!take(task, option, optarg))
            return misused(&command_init, "an option is wrong, or stands there too often");
    }
    if (argc != optind || !task->out)
        return misused(&command_init, "-o is needed, and nothing but options");
    if (strcmp(task->out, "-") != 0 && access(task->out, F_OK) == 0)
        return misused(&command_init, "%s is there already; expected a new file", task->out);
    if (missing(&task->init) && (!isatty(STDIN_FILENO) || strcmp(task->out, "-") == 0))
        return misused(&command_init, "%s is missing, and there is no terminal to ask",
                       missing(&task->init));
    if (!answer(&task->init))
        return misused(&command_init, "the answers ended too early, nothing is written");
    if (!all_lines(&task->init))
        return misused(&command_init, "an answer has a control character; expected plain text");
    draw_random(task);
    return write_policy(task);
}

static void forget(struct init *init)
{
    const char **single[] = {&init->name,  &init->ca,        &init->suite,
                             &init->every, &init->transport, &init->random};

    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        free((char *)(uintptr_t)*single[i]);
    for (size_t i = 0; i < INIT_MOST; i++) {
        free((char *)(uintptr_t)init->gcks[i]);
        free((char *)(uintptr_t)init->allow[i]);
        free((char *)(uintptr_t)init->sender[i]);
    }
}

static int run(int argc, char **argv)
{
    struct task task = {.out = NULL};
    int status = init_with(&task, argc, argv);

    forget(&task.init);
    return status;
}

const struct command command_init = {
    "init", "a first policy from a few answers",
    "Usage: gsakmp-token init [--name NAME] [--ca FILE] [--gcks DN ...] [--allow DN ...]\n"
    "           [--sender DN ...] [--suite S] [--every TIME] [--transport T] -o POLICY.xml\n"
    "Writes a commented policy that compiles. With --name, --ca, --gcks and --allow it asks\n"
    "nothing; without one of them it asks on the terminal for all that no option gave.\n\n"
    "      --name NAME     the group's name\n"
    "      --ca FILE       certificate of the authority that certifies everybody\n"
    "      --gcks DN       who serves the group; may be repeated\n"
    "      --allow DN      who may join, a part that is * standing for any value; may be\n"
    "                      repeated\n"
    "      --sender DN     who alone may send; may be repeated; everybody where none is said\n"
    "      --suite S       the algorithms, recommended where not said\n"
    "      --every TIME    how often keys change, 24 h where not said\n"
    "      --transport T   udp, tcp or udp-rtj-tcp-other; udp where not said\n"
    "      --random HEX    the random part of the Group ID, 8 octets, instead of drawing it\n"
    "  -o, --output FILE   the policy, a new file; - is standard output\n",
    run};
