/* SPDX-License-Identifier: Apache-2.0 */
/* The owner's private key: a file, or a PKCS #11 URI (key-pkcs11.c). */
#include "token/program/program.h"

#include <string.h>

#include "gsakmp/run/file.h"
#include "gsakmp/run/secure.h"
#include "gsakmp/suite.h"

#define KEY_MOST ((size_t)1 << 16)

/* That a key is encrypted is found out by trying: PEM says so, DER does not. */
static bool open_key(const char *path, struct gk_octets key, struct gk_signer *signer,
                     struct gk_reason *why)
{
    struct gk_reason own = {0};
    struct gk_secret password;
    char *text;
    bool good;

    if (gk_signer_open(signer, key, -1, NULL, &own))
        return true;
    if (strcmp(own.code, "key-password") != 0)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, own.code, "%s", own.text);
    password = gk_secret_new(SECRET_ROOM);
    text = (char *)password.data;
    good = ask_secret("Password", path, text, SECRET_ROOM, why) &&
           gk_signer_open(signer, key, -1, text, why);
    gk_secret_free(&password);
    return good;
}

static bool load_file_key(const char *path, struct gk_signer *signer, struct gk_reason *why)
{
    struct gk_writer key = {0};
    bool good = run_file_read_private(path, KEY_MOST, &key, why) &&
                open_key(path, gk_writer_octets(&key), signer, why);

    gk_writer_free(&key);
    return good;
}

bool load_key(const char *name, struct key *to, struct gk_reason *why)
{
    bool good;

    *to = (struct key){.pin = NULL};
    if (!run_secure_process(false, why))
        return false;
    good = is_pkcs11(name) ? load_pkcs11_key(name, to, why) : load_file_key(name, &to->signer, why);
    if (!good)
        key_free(to);
    return good;
}

void key_free(struct key *key)
{
    gk_signer_free(&key->signer);
    pin_free(key->pin);
    key->pin = NULL;
}
