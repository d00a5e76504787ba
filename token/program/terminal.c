/* SPDX-License-Identifier: Apache-2.0 */
/* What a person is asked on the terminal, whatever standard input and output are. */
#include "token/program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

/* One line without echo; the terminal is as before afterwards, also when the user gives up:
 * until then the interrupt character only ends the line. */
static bool read_hidden(int terminal, char *to, size_t room)
{
    struct termios before;
    struct termios hidden;
    ssize_t size;

    if (tcgetattr(terminal, &before) < 0)
        return false;
    hidden = before;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    hidden.c_cc[VEOL] = before.c_cc[VINTR];
    if (tcsetattr(terminal, TCSAFLUSH, &hidden) < 0)
        return false;
    size = read(terminal, to, room - 1);
    (void)tcsetattr(terminal, TCSAFLUSH, &before);
    (void)!write(terminal, "\n", 1);
    if (size < 1 || (cc_t)to[size - 1] == before.c_cc[VINTR])
        return false;
    to[size] = '\0';
    to[strcspn(to, "\n")] = '\0';
    return true;
}

bool ask_secret(const char *what, const char *of, char *to, size_t room, struct gk_reason *why)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool good;

    if (terminal < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-terminal",
                         "%s: there is no terminal to ask for the %s", of, what);
    (void)!write(terminal, what, strlen(what));
    (void)!write(terminal, " of ", 4);
    (void)!write(terminal, of, strlen(of));
    (void)!write(terminal, ": ", 2);
    good = read_hidden(terminal, to, room);
    (void)close(terminal);
    return good || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-terminal",
                             "%s: no %s came from the terminal", of, what);
}

/* One line with echo. */
static bool read_line(int terminal, char *to, size_t room)
{
    ssize_t size = read(terminal, to, room - 1);

    if (size < 1)
        return false;
    to[size] = '\0';
    to[strcspn(to, "\n")] = '\0';
    return true;
}

/* What was not shown whole, nobody said yes to. */
static bool write_all(int terminal, struct gk_octets text)
{
    while (text.size) {
        ssize_t size = write(terminal, text.data, text.size);

        if (size < 0 && errno != EINTR)
            return false;
        if (size > 0)
            text = gk_octets(text.data + size, text.size - (size_t)size);
    }
    return true;
}

bool ask_consent(struct gk_octets shown, const char *question, bool *yes, struct gk_reason *why)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    char answer[16];

    if (terminal < 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-terminal",
                         "there is no terminal to ask: \"%s\"; look at what would be signed, and "
                         "say --yes",
                         question);
    *yes = write_all(terminal, shown);
    (void)tcflush(terminal, TCIFLUSH); /* what was typed before the question is no answer */
    *yes = *yes && write_all(terminal, gk_octets_of(question)) &&
           write_all(terminal, gk_octets_of(" [y/N]: ")) &&
           read_line(terminal, answer, sizeof answer) &&
           (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
    (void)close(terminal);
    return true;
}
