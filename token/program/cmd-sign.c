/* SPDX-License-Identifier: Apache-2.0 */
/* sign: the Group Owner's signature over a token, once for each edition. */
#include "token/program/sign.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "token/cms-algorithm.h"
#include "token/der.h"
#include "token/name.h"

#define SKEW 300 /* seconds ahead that receivers take (wire profile 4.7) */

/* What is on the table. */
struct signing {
    const struct sign *sign;
    const struct token *token;
    struct gk_octets der;
    struct list list;       /* certificates, the signer's first */
    struct gk_writer owner; /* its name */
    struct ledger_file ledger;
    const struct ledger_entry *last; /* of the ledger; NULL for the group's first */
};

/* What is lost by an output in its place cannot be made again. */
static bool is_apart(const struct signing *at, struct gk_reason *why)
{
    const struct sign *sign = at->sign;
    char *lock = gk_format("%s.lock", at->ledger.path);
    const char *kept[] = {sign->in, sign->key, sign->cert, sign->chain, at->ledger.path, lock};
    bool good = output_is_apart(sign->out, kept, sizeof kept / sizeof *kept, why);

    free(lock);
    return good;
}

/* --- the ledger's say ----------------------------------------------------------- */

static bool open_ledger(struct signing *at, struct gk_reason *why)
{
    const struct sign *sign = at->sign;
    enum ledger_use use = sign->new_group ? LEDGER_BEGIN : LEDGER_CHANGE;

    if (!ledger_file_open(sign->ledger, use, &at->ledger, why))
        return false;
    at->last = ledger_find(&at->ledger.ledger, at->token->group_name, gk_writer_octets(&at->owner));
    return !at->last || ledger_check(at->last, why);
}

/* A ledger that was lost looks like a group that is new: only the owner knows. */
static bool judge_group(const struct signing *at, struct gk_reason *why)
{
    if (at->last && at->sign->new_group)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-known-group",
                         "edition %lld was signed for the group already; leave out --new-group",
                         (long long)at->last->edition);
    return at->last || at->sign->new_group ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "ledger-unknown-group",
                     "the ledger knows nothing of the group; say --new-group if nothing was "
                     "ever signed for it, else bring the last signed token: gsakmp-token ledger "
                     "adopt");
}

/* The clock goes on within a second: a script that signs twice need not fail. */
static gk_time clock_after(const struct ledger_entry *last)
{
    static const struct timespec pause = {0, 50000000L};
    gk_time now = time(NULL);

    while (last && now <= last->signing_time && last->signing_time - now < 1) {
        (void)nanosleep(&pause, NULL);
        now = time(NULL);
    }
    return now;
}

static bool signing_time(const struct signing *at, gk_time *to, struct gk_reason *why)
{
    *to = clock_after(at->sign->at ? NULL : at->last);
    return (!at->sign->at || current_time(at->sign->at, to, why)) &&
           ledger_follows(at->last, at->token->edition, *to, why) &&
           sign_time_fits(at->sign, &at->list, *to, why);
}

static void warn_of_future(gk_time signing_time)
{
    if (signing_time > time(NULL) + SKEW)
        complain("warning: the signing time is ahead of this clock; members refuse the token "
                 "until then");
}

/* --- signing ---------------------------------------------------------------------- */

/* The envelope's are a set. */
static bool same_certificates(const struct cms *cms, const struct gk_octets *certificates,
                              size_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < cms->certificate_count; k++)
            found += gk_octets_equal(cms->certificate[k], certificates[i]);
    }
    return found == count && cms->certificate_count == count;
}

/* Was just this signed, and its file lost? The same certificates over the same octets, and no
 * other time or algorithm wanted. */
static bool is_recorded(const struct signing *at)
{
    struct gk_octets certificates[LIST_MAX];
    const struct cms_algorithm *wanted =
        at->sign->algorithm ? cms_algorithm_named(at->sign->algorithm) : NULL;
    struct cms cms;
    gk_time time;

    list_octets(&at->list, certificates);
    return at->last && cms_verify(&cms, gk_secret_octets(&at->last->token), NULL) &&
           gk_octets_equal(cms.content, at->der) && gk_octets_equal(cms.signer, certificates[0]) &&
           same_certificates(&cms, certificates, at->list.count) &&
           (!wanted || strcmp(wanted->name, cms.algorithm) == 0) &&
           (!at->sign->at ||
            (current_time(at->sign->at, &time, NULL) && time == at->last->signing_time));
}

static int deliver_recorded(const struct signing *at)
{
    struct gk_reason why = {0};
    char stamp[GK_STAMP_SIZE + 1];

    gk_stamp_format(at->last->signing_time, stamp);
    complain("edition %lld was signed at %s already; that token is written again",
             (long long)at->last->edition, stamp);
    return deliver(at->sign->out, gk_secret_octets(&at->last->token), &why);
}

/* The ledger has the token before anybody else: a crash in between uses the edition up, and never
 * lets it be given twice. */
static bool record(struct signing *at, struct gk_octets signed_token, struct gk_reason *why)
{
    struct ledger_entry entry;
    bool good = ledger_entry_of(signed_token, &entry, why);

    if (good && !ledger_record(&at->ledger.ledger, &entry, why)) {
        ledger_entry_free(&entry);
        good = false;
    }
    return good && ledger_file_store(&at->ledger, why);
}

static bool sign_once(struct signing *at, struct gk_writer *to, struct gk_reason *why)
{
    gk_time time;

    if (!judge_group(at, why) || !signing_time(at, &time, why) ||
        !sign_consent(at->sign, at->token, at->last, time, why) || !signing_time(at, &time, why) ||
        !sign_make(at->sign, &at->list, at->der, time, to, why))
        return false;
    warn_of_future(time);
    return record(at, gk_writer_octets(to), why);
}

/* Reasons of key, certificate and ledger name their own file. */
static int complain_of_signing(const struct signing *at, const struct gk_reason *why)
{
    const char *named[] = {at->sign->key, at->sign->cert, at->ledger.path};

    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (named[i] && strncmp(why->text, named[i], strlen(named[i])) == 0)
            return complain_of(named[i], why);
    }
    return complain_of(at->sign->in, why);
}

static int sign_and_deliver(struct signing *at)
{
    struct gk_reason why = {0};
    struct gk_writer to = {0};
    int status;

    if (!sign_once(at, &to, &why)) {
        status = complain_of_signing(at, &why);
    } else {
        status = deliver(at->sign->out, gk_writer_octets(&to), &why);
        if (status != DONE)
            complain("edition %lld is signed and stands in the ledger; the same command, or "
                     "gsakmp-token ledger export, writes it again",
                     (long long)at->token->edition);
    }
    gk_writer_free(&to);
    return status;
}

static int sign_with_ledger(struct signing *at)
{
    struct gk_reason why = {0};
    int status = NOT_RUN;

    if (open_ledger(at, &why) && is_apart(at, &why)) {
        status = is_recorded(at) ? deliver_recorded(at) : sign_and_deliver(at);
    } else {
        complain("%s", why.text);
        if (strcmp(why.code, "file-ledger-missing") == 0 && !judge_group(at, &why))
            status = complain_of(at->sign->in, &why);
    }
    ledger_file_close(&at->ledger);
    return status;
}

/* --- what is to be signed --------------------------------------------------------- */

static int sign_token(const struct sign *sign, const struct token *token, struct gk_octets der)
{
    struct signing at = {.sign = sign, .token = token, .der = der, .ledger = {.lock = -1}};
    struct gk_reason why = {0};
    int status;

    if (!sign_chain(sign, &at.list, &why) ||
        !name_of_certificate(gk_secret_octets(&at.list.value[0]), &at.owner, &why))
        status = complain_of(sign->cert, &why);
    else
        status = sign_with_ledger(&at);
    gk_writer_free(&at.owner);
    list_free(&at.list);
    return status;
}

static int sign_file(const struct sign *sign)
{
    struct gk_reason why = {0};
    struct gk_writer der = {0};
    struct token *token = unsigned_token_of(sign->in, &why);
    gk_time now;
    int status;

    if (token && current_time(sign->at, &now, &why) && sign_judge(sign, token, now, &why) &&
        token_to_der(token, &der, &why))
        status = sign_token(sign, token, gk_writer_octets(&der));
    else
        status = complain_of(sign->in, &why);
    gk_writer_free(&der);
    token_free(token);
    return status;
}

/* --- options ------------------------------------------------------------------------ */

static bool take(struct sign *sign, int option, const char *value)
{
    switch (option) {
    case 'k':
        sign->key = value;
        return true;
    case 'c':
        sign->cert = value;
        return true;
    case 'f':
        sign->chain = value;
        return true;
    case 'g':
        sign->algorithm = value;
        return true;
    case 'a':
        sign->at = value;
        return true;
    case 'o':
        sign->out = value;
        return true;
    case 'l':
        sign->ledger = value;
        return true;
    case 'A':
        return sign->allowed_count < ALLOWED_MOST && finding_rule_named(value) &&
               (sign->allowed[sign->allowed_count++] = finding_rule_named(value));
    case 'n':
        return sign->new_group = true;
    case 'y':
        return sign->yes = true;
    case '1':
        return sign->tolerate_suite_1 = true;
    default:
        return false;
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"key", required_argument, NULL, 'k'},
                                            {"cert", required_argument, NULL, 'c'},
                                            {"chain", required_argument, NULL, 'f'},
                                            {"algorithm", required_argument, NULL, 'g'},
                                            {"at", required_argument, NULL, 'a'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"ledger", required_argument, NULL, 'l'},
                                            {"new-group", no_argument, NULL, 'n'},
                                            {"yes", no_argument, NULL, 'y'},
                                            {"allow", required_argument, NULL, 'A'},
                                            {"tolerate-suite-1", no_argument, NULL, '1'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct sign sign = {0};
    struct gk_reason why = {0};
    gk_time time;
    int option;

    while ((option = getopt_long(argc, argv, "k:c:f:g:a:o:l:yh", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_sign);
        if (!take(&sign, option, optarg))
            return option == 'A'
                       ? misused(&command_sign, "%s is no rule; lint --list lists them", optarg)
                       : misused(&command_sign, "an option is wrong");
    }
    if (sign.algorithm && !cms_algorithm_named(sign.algorithm))
        return misused(&command_sign, "%s is no algorithm of signatures", sign.algorithm);
    if (argc - optind != 1 || !sign.key || !sign.cert || !sign.out)
        return misused(&command_sign, "--key, --cert, -o and one source or token are needed");
    if (sign.at && !current_time(sign.at, &time, &why))
        return misused(&command_sign, "%s", why.text);
    sign.in = argv[optind];
    return sign_file(&sign);
}

const struct command command_sign = {
    "sign", "source or token to signed token",
    "Usage: gsakmp-token sign --key K --cert C [--chain F] [--algorithm A] [--at TIME]\n"
    "           [--ledger FILE] [--new-group] [--yes] [--allow ID] [--tolerate-suite-1]\n"
    "           IN -o OUT.pt\n"
    "Signs a token as the Group Owner. IN is a policy source, which is compiled first, or a\n"
    "token that compile wrote. Refuses what lint finds an error in, shows what changes against\n"
    "the last signed edition, and asks. The owner's ledger sees to it that editions and signing\n"
    "times only grow.\n\n"
    "  -k, --key FILE      private key, PEM or DER, readable by nobody else; the password of\n"
    "                      an encrypted one is asked on the terminal. Or a PKCS #11 URI,\n"
    "                      pkcs11:token=...;object=...?pin-source=file:...; without a\n"
    "                      pin-source the PIN is asked on the terminal\n"
    "  -c, --cert FILE     the owner's certificate; what follows it in the file goes along\n"
    "  -f, --chain FILE    intermediate certificates, without the root\n"
    "  -g, --algorithm A   ed25519, ecdsa-sha256, ecdsa-sha384, rsa-sha256, rsa-sha384,\n"
    "                      rsa-sha512, rsa-pss-sha256, rsa-pss-sha384, rsa-pss-sha512,\n"
    "                      dsa-sha256 or dsa-sha1; by default the first of these that the\n"
    "                      key can\n"
    "  -a, --at TIME       signing time, 20260101000000Z or RFC 3339, instead of now\n"
    "  -l, --ledger FILE   the owner's ledger, instead of ~/.local/state/gsakmp/ledger\n"
    "      --new-group     nothing was ever signed for this group; begins the ledger, too\n"
    "  -y, --yes           do not ask, for scripts\n"
    "      --allow ID      sign in spite of findings of that rule of the linter\n"
    "      --tolerate-suite-1\n"
    "                      sign a token that names Suite 1, or over SHA-1: both weak\n"
    "  -o, --output FILE   where the signed token goes; - is standard output\n",
    run};
