/* SPDX-License-Identifier: Apache-2.0 */
/* Files: certificates, CRLs and private keys. */
#include "token/program/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "gsakmp/run/file.h"
#include "gsakmp/suite.h"
#include "token/der.h"

#define FILE_MOST     ((size_t)1 << 20)
#define KEY_MOST      ((size_t)1 << 16)
#define PASSWORD_ROOM 1024

void list_free(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        gk_secret_free(&list->value[i]);
    list->count = 0;
}

void list_octets(const struct list *list, struct gk_octets to[LIST_MAX])
{
    for (size_t i = 0; i < list->count; i++)
        to[i] = gk_secret_octets(&list->value[i]);
}

bool load_file(const char *path, struct gk_secret *to, struct gk_reason *why)
{
    struct gk_writer writer = {0};
    bool good = run_file_read(path, FILE_MOST, &writer, why);

    if (good)
        *to = gk_writer_take(&writer);
    gk_writer_free(&writer);
    return good;
}

static bool refuse(const char *path, const char *what, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents", "%s: %s", path, what);
}

/* --- PEM and DER ------------------------------------------------------------ */

static bool append(struct list *to, struct gk_octets der, const char *path, struct gk_reason *why)
{
    if (to->count == LIST_MAX)
        return refuse(path, "more certificates or CRLs than can be taken", why);
    to->value[to->count++] = gk_secret_copy(der);
    return true;
}

/* All blocks of that label; blocks of others are passed over. */
static bool append_pem(struct list *to, struct gk_octets text, const char *label, const char *path,
                       struct gk_reason *why)
{
    char *begin = gk_format("-----BEGIN %s-----", label);
    const char *at = (const char *)text.data;
    const char *end = at + text.size;
    size_t found = 0;
    bool good = true;

    while (good && (at = memmem(at, (size_t)(end - at), begin, strlen(begin)))) {
        gnutls_datum_t pem = {(unsigned char *)(uintptr_t)at, (unsigned)(end - at)};
        gnutls_datum_t der = {NULL, 0};

        good = gnutls_pem_base64_decode2(label, &pem, &der) >= 0
                   ? append(to, gk_octets(der.data, der.size), path, why)
                   : refuse(path, "the PEM text is damaged", why);
        gnutls_free(der.data);
        at += strlen(begin);
        found++;
    }
    free(begin);
    return good && (found || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-contents",
                                       "%s: the PEM text holds no %s", path, label));
}

static bool load_list(const char *path, const char *label, struct list *to, struct gk_reason *why)
{
    struct gk_secret file = {0};
    struct gk_octets octets;
    bool good;

    if (!load_file(path, &file, why))
        return false;
    octets = gk_secret_octets(&file);
    if (octets.size && octets.data[0] == 0x30)
        good = der_check(octets, NULL) ? append(to, octets, path, why)
                                       : refuse(path, "the file is neither PEM nor DER", why);
    else
        good = octets.size ? append_pem(to, octets, label, path, why)
                           : refuse(path, "the file is empty", why);
    gk_secret_free(&file);
    return good;
}

bool load_certificates(const char *path, struct list *to, struct gk_reason *why)
{
    return load_list(path, "CERTIFICATE", to, why);
}

bool load_crls(const char *path, struct list *to, struct gk_reason *why)
{
    return load_list(path, "X509 CRL", to, why);
}

/* --- private keys ------------------------------------------------------------- */

static bool is_encrypted(struct gk_octets key)
{
    return memmem(key.data, key.size, "ENCRYPTED", 9) != NULL;
}

/* One line from the terminal, without echo; the terminal is as before afterwards, also when
 * the user gives up: until then the interrupt character only ends the line. */
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

static bool ask_password(const char *path, char *to, size_t room, struct gk_reason *why)
{
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    bool good;

    if (terminal < 0)
        return refuse(path, "the key is encrypted and there is no terminal to ask for its password",
                      why);
    (void)!write(terminal, "Password of ", 12);
    (void)!write(terminal, path, strlen(path));
    (void)!write(terminal, ": ", 2);
    good = read_hidden(terminal, to, room);
    (void)close(terminal);
    return good || refuse(path, "no password came from the terminal", why);
}

bool load_key(const char *path, struct gk_signer *signer, struct gk_reason *why)
{
    struct gk_writer key = {0};
    char password[PASSWORD_ROOM] = "";
    bool encrypted = false;
    bool good = run_file_read_private(path, KEY_MOST, &key, why);

    if (good) {
        encrypted = is_encrypted(gk_writer_octets(&key));
        good = (!encrypted || ask_password(path, password, sizeof password, why)) &&
               gk_signer_open(signer, gk_writer_octets(&key), -1, encrypted ? password : NULL, why);
    }
    gk_wipe(password, sizeof password);
    gk_writer_free(&key);
    return good;
}
