/* SPDX-License-Identifier: Apache-2.0 */
/*
 * on-terminal [-n] ANSWERS COMMAND...: runs the command on a terminal of its own, as a person
 * would. At each question, a line that ends in ": ", the next line of the file ANSWERS is typed;
 * after the last, the interrupt character. What the terminal showed goes to standard output;
 * the exit status is the command's. With -n a program that echoes an answer fails: 99.
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 20000 /* milliseconds */
#define ROOM     65536

struct talk {
    int terminal;
    FILE *answers;
    bool hidden;
    char shown[ROOM];
    size_t size, asked; /* `asked`: up to where questions were answered */
};

static bool answer(struct talk *talk)
{
    char line[256] = "";

    usleep(50000); /* the program flushes what came before its question is all there */
    if (!fgets(line, sizeof line, talk->answers))
        strcpy(line, "\003");
    return write(talk->terminal, line, strlen(line)) == (ssize_t)strlen(line);
}

static bool is_question(const struct talk *talk)
{
    return talk->size >= talk->asked + 2 && memcmp(talk->shown + talk->size - 2, ": ", 2) == 0;
}

/* Until the command ends. */
static bool converse(struct talk *talk)
{
    for (;;) {
        struct pollfd wait = {talk->terminal, POLLIN, 0};
        ssize_t got;

        if (poll(&wait, 1, PATIENCE) <= 0)
            return false;
        got = read(talk->terminal, talk->shown + talk->size, ROOM - 1 - talk->size);
        if (got <= 0)
            return got == 0 || errno == EIO;
        talk->size += (size_t)got;
        if (is_question(talk)) {
            talk->asked = talk->size;
            if (!answer(talk))
                return false;
        }
    }
}

static bool echoed(struct talk *talk)
{
    char line[256];

    rewind(talk->answers);
    while (fgets(line, sizeof line, talk->answers)) {
        line[strcspn(line, "\n")] = '\0';
        if (*line && strstr(talk->shown, line))
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct talk talk;
    int status = 0;
    pid_t child;

    talk.hidden = argc > 1 && strcmp(argv[1], "-n") == 0;
    argv += talk.hidden;
    argc -= talk.hidden;
    if (argc < 3 || !(talk.answers = fopen(argv[1], "r")))
        return 98;
    child = forkpty(&talk.terminal, NULL, NULL, NULL);
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(97);
    }
    if (child < 0)
        return 98;
    if (!converse(&talk)) {
        fprintf(stderr, "on-terminal: nothing came\n");
        close(talk.terminal);
        status = 98;
    }
    fwrite(talk.shown, 1, talk.size, stdout);
    if (status == 0 && waitpid(child, &status, 0) == child)
        status = WIFEXITED(status) ? WEXITSTATUS(status) : 96;
    return talk.hidden && echoed(&talk) ? 99 : status;
}
