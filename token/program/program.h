/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_PROGRAM_PROGRAM_H
#define TOKEN_PROGRAM_PROGRAM_H
/*
 * gsakmp-token: offline work on policies and tokens. One file a command; here is what they
 * share. Results go to standard output or the file that -o names, sentences about what is
 * wrong to standard error.
 */
#include <getopt.h>

#include <jansson.h>

#include "gsakmp/reason.h"
#include "gsakmp/signer.h"
#include "gsakmp/stamp.h"
#include "token/cms.h"
#include "token/kind.h"
#include "token/token.h"

enum { DONE = 0, REFUSED = 1, NOT_RUN = 2 };

struct command {
    const char *name;
    const char *summary;
    const char *usage; /* the whole text of `gsakmp-token NAME --help` */
    int (*run)(int argc, char **argv);
};

extern const struct command command_announce, command_compile, command_diff, command_explain,
    command_init, command_ledger, command_lint, command_show, command_sign, command_verify;

/* --- answers (main.c) */
/* "gsakmp-token: TEXT" on standard error, one line whatever names say. */
void complain(const char *format, ...) GK_PRINTF(1, 2);
/* Says the reason, for `path` unless it names itself; NOT_RUN for files and the system, else
 * REFUSED. */
int complain_of(const char *path, const struct gk_reason *why);
/* A wrong command line: points to --help. */
int misused(const struct command *command, const char *format, ...) GK_PRINTF(2, 3);
/* --help: prints the usage. */
int help(const struct command *command);
bool current_time(const char *at, gk_time *now, struct gk_reason *why) GK_MUST_USE;

/* --- results (output.c) */
/* Writes to `path`, standard output when NULL or "-". */
int deliver(const char *path, struct gk_octets octets, struct gk_reason *why);
/* The same of a tree, to standard output; takes it. */
int deliver_json(json_t *tree);
/* Is what `out` names none of the files that must stay (NULLs among them are passed over), and no
 * device or pipe? Else "file-output". */
bool output_is_apart(const char *out, const char *const *kept, size_t count,
                     struct gk_reason *why) GK_MUST_USE;

/* --- files (input.c) */
/* A list of DER values, owned. */
#define LIST_MAX 64 /* as many as pki_identity.crls_signed tells */
struct list {
    struct gk_secret value[LIST_MAX];
    size_t count;
};
void list_free(struct list *list);
/* Borrowed slices of the list. */
void list_octets(const struct list *list, struct gk_octets to[LIST_MAX]);

bool load_file(const char *path, struct gk_secret *to, struct gk_reason *why) GK_MUST_USE;
/* Appends all certificates (CRLs) of a PEM file, or the one of a DER file. */
bool load_certificates(const char *path, struct list *to, struct gk_reason *why) GK_MUST_USE;
bool load_crls(const char *path, struct list *to, struct gk_reason *why) GK_MUST_USE;

/* --- private keys (key.c, key-pkcs11.c, terminal.c) */
struct pin;
struct key {
    struct gk_signer signer;
    struct pin *pin; /* of a PKCS #11 key */
};
/* A file, or a PKCS #11 URI. Asks for the password of an encrypted key, and for the PIN where the
 * URI names no file with it, on the terminal. */
bool load_key(const char *name, struct key *to, struct gk_reason *why) GK_MUST_USE;
void key_free(struct key *key);
bool is_pkcs11(const char *name);
bool load_pkcs11_key(const char *name, struct key *to, struct gk_reason *why) GK_MUST_USE;
void pin_free(struct pin *pin);
#define SECRET_ROOM 1024
/* "Password of owner.key: " on the terminal, and the line that is typed, without echo. */
bool ask_secret(const char *what, const char *of, char *to, size_t room,
                struct gk_reason *why) GK_MUST_USE;
/* Shows the text on the terminal, whatever standard output is, and asks "QUESTION [y/N]: ". */
bool ask_consent(struct gk_octets shown, const char *question, bool *yes,
                 struct gk_reason *why) GK_MUST_USE;

/* --- tokens (load-token.c) */
/* A token of a source or of DER. */
struct token *token_of(const char *path, struct gk_octets file, struct gk_reason *why) GK_MUST_USE;
/* Has it, as a source may not, an encoding, of at most TOKEN_MAX octets? */
bool token_fits(const struct token *token, struct gk_reason *why) GK_MUST_USE;
/* The token of a source or token file that nobody has signed; its canonical DER. */
struct token *unsigned_token_of(const char *path, struct gk_reason *why) GK_MUST_USE;
bool der_of(const char *path, struct gk_writer *to, struct gk_reason *why) GK_MUST_USE;

#endif
