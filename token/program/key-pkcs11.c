/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key that stays in its device: a PKCS #11 URI (RFC 7512). Of the query's attributes two are
 * taken here, pin-source and module-path; pin-value is refused, since everybody sees arguments.
 * The rest is for GnuTLS, which finds modules as p11-kit(8) has them.
 */
#include "token/program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <gnutls/abstract.h>
#include <gnutls/pkcs11.h>

#include "gsakmp/run/file.h"
#include "gsakmp/suite.h"

#define PIN_FILE_MOST 256
#define PIN_TRIES     3

struct pin {
    char *source; /* the file that the URI names, NULL: the terminal */
    struct gk_reason why;
    bool failed; /* `why` tells */
};

struct uri {
    char *rest; /* without what is taken here */
    char *pin_source, *module_path;
};

bool is_pkcs11(const char *name)
{
    return strncasecmp(name, "pkcs11:", 7) == 0;
}

/* --- the URI ---------------------------------------------------------------- */

/* Percent-decodes in place; false for what is no encoding, and for a NUL. */
static bool decode(char *text)
{
    char *to = text;

    for (; *text; text++) {
        struct gk_writer octet = {0};
        char digits[3] = "";
        bool good;

        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        memcpy(digits, text + 1, strnlen(text + 1, 2));
        good = gk_unhex(digits, &octet) && octet.size == 1 && octet.data[0];
        if (good)
            *to++ = (char)octet.data[0];
        gk_writer_free(&octet);
        if (!good)
            return false;
        text += 2;
    }
    *to = '\0';
    return true;
}

static bool refuse(const char *what, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-uri", "the PKCS #11 URI %s", what);
}

static bool take_value(const char *value, char **to, struct gk_reason *why)
{
    if (*to)
        return refuse("says pin-source or module-path twice; expected once", why);
    *to = gk_strdup(value);
    if (!decode(*to) || !**to)
        return refuse("has a pin-source or module-path that cannot be read; expected a file", why);
    return true;
}

/* One attribute of the query; what is not taken goes to the rest. */
static bool take_attribute(struct uri *uri, const char *attribute, struct gk_writer *rest,
                           struct gk_reason *why)
{
    if (strncasecmp(attribute, "pin-value", 9) == 0)
        return refuse("holds a PIN (pin-value), which everybody who lists processes sees; "
                      "expected pin-source=file:..., or neither, to be asked",
                      why);
    if (strncmp(attribute, "pin-source=", 11) == 0)
        return take_value(attribute + 11, &uri->pin_source, why);
    if (strncmp(attribute, "module-path=", 12) == 0)
        return take_value(attribute + 12, &uri->module_path, why);
    gk_write_u8(rest, memchr(rest->data, '?', rest->size) ? '&' : '?');
    gk_write_octets(rest, gk_octets_of(attribute));
    return true;
}

static bool take_query(struct uri *uri, char *query, struct gk_writer *rest, struct gk_reason *why)
{
    char *next;

    for (char *attribute = query; attribute; attribute = next) {
        next = strchr(attribute, '&');
        if (next)
            *next++ = '\0';
        if (*attribute && !take_attribute(uri, attribute, rest, why))
            return false;
    }
    return true;
}

static void uri_free(struct uri *uri)
{
    free(uri->rest);
    free(uri->pin_source);
    free(uri->module_path);
}

static bool parse_uri(const char *name, struct uri *uri, struct gk_reason *why)
{
    struct gk_writer rest = {0};
    char *copy = gk_strdup(name);
    char *query = strchr(copy, '?');
    bool good;

    if (query)
        *query++ = '\0';
    gk_write_octets(&rest, gk_octets_of(copy));
    good = take_query(uri, query, &rest, why);
    gk_write_u8(&rest, 0);
    uri->rest = gk_strdup((const char *)rest.data);
    gk_writer_free(&rest);
    free(copy);
    if (good && uri->pin_source && *uri->pin_source == '|')
        return refuse("names a program as pin-source; expected a file", why);
    return good;
}

/* --- the PIN ------------------------------------------------------------------ */

/* "file:/etc/pin", "file:///etc/pin" or "/etc/pin". */
static const char *path_of(const char *source)
{
    if (strncmp(source, "file:", 5) == 0)
        source += 5;
    return strncmp(source, "///", 3) == 0 ? source + 2 : source;
}

static bool read_pin(const char *source, char *to, size_t room, struct gk_reason *why)
{
    struct gk_writer file = {0};
    bool good = run_file_read_private(path_of(source), PIN_FILE_MOST, &file, why);

    if (good) {
        gk_write_u8(&file, 0);
        file.data[strcspn((const char *)file.data, "\r\n")] = 0;
        good = strlen((const char *)file.data) < room ||
               gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-pin", "%s: the PIN is too long",
                         path_of(source));
    }
    if (good)
        memcpy(to, file.data, strlen((const char *)file.data) + 1);
    gk_writer_free(&file);
    return good;
}

/* A PIN from a file is tried once: what does not fit would only lock the token. */
static int give_pin(void *context, int attempt, const char *url, const char *label, unsigned flags,
                    char *to, size_t room)
{
    struct pin *pin = context;
    bool again = attempt > 0 || flags & GNUTLS_PIN_WRONG;

    (void)url;
    if (again && (pin->source || attempt >= PIN_TRIES)) {
        pin->failed = true;
        (void)gk_refuse(&pin->why, GK_NONE, GK_NO_OFFSET, "file-pin",
                        "the PIN does not open the token");
        return -1;
    }
    if (again)
        complain("the PIN does not open the token%s",
                 flags & GNUTLS_PIN_FINAL_TRY ? "; one more wrong one locks it" : "");
    pin->failed = !(pin->source ? read_pin(pin->source, to, room, &pin->why)
                                : ask_secret("PIN", label, to, room, &pin->why));
    return pin->failed ? -1 : 0;
}

/* --- the key ------------------------------------------------------------------ */

/* The module that the URI names, or those that the system knows. */
static bool start(const struct uri *uri, struct gk_reason *why)
{
    unsigned how = uri->module_path ? GNUTLS_PKCS11_FLAG_MANUAL : GNUTLS_PKCS11_FLAG_AUTO;
    int error = gnutls_pkcs11_init(how, NULL);

    if (error >= 0 && uri->module_path)
        error = gnutls_pkcs11_add_provider(uri->module_path, NULL);
    return error >= 0 ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-pkcs11",
                     "%s: the PKCS #11 module cannot be loaded: %s",
                     uri->module_path ? uri->module_path : "p11-kit", gnutls_strerror(error));
}

static bool import(const struct uri *uri, gnutls_privkey_t key, struct pin *pin,
                   struct gk_reason *why)
{
    int error;

    if (uri->pin_source)
        pin->source = gk_strdup(uri->pin_source);
    gnutls_privkey_set_pin_function(key, give_pin, pin);
    error = gnutls_privkey_import_url(key, uri->rest, 0);
    if (error >= 0)
        return true;
    if (pin->failed)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, pin->why.code, "%s", pin->why.text);
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "file-pkcs11", "the key cannot be used: %s",
                     gnutls_strerror(error));
}

bool load_pkcs11_key(const char *name, struct key *to, struct gk_reason *why)
{
    struct uri uri = {0};
    gnutls_privkey_t key;
    bool good;

    if (gnutls_privkey_init(&key) < 0)
        abort();
    /* GnuTLS may ask again at a signature: the PIN's source lives as long as the key. */
    to->pin = gk_alloc(1, sizeof *to->pin);
    good = parse_uri(name, &uri, why) && start(&uri, why) && import(&uri, key, to->pin, why);
    uri_free(&uri);
    if (!good)
        gnutls_privkey_deinit(key);
    return good && gk_signer_adopt(&to->signer, key, -1, why);
}

void pin_free(struct pin *pin)
{
    if (pin) {
        free(pin->source);
        gnutls_pkcs11_deinit();
    }
    free(pin);
}
