/* SPDX-License-Identifier: Apache-2.0 */
/* announce: what a member must know of a group before it joins, as one file. */
#include "token/program/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/digest.h"
#include "token/name.h"
#include "roles/pki.h"
#include "token/announce.h"
#include "token/der.h"
#include "token/kind.h"
#include "token/mechanism.h"
#include "token/algorithm.h"

#define PORT 3761 /* RFC 4535 9.1 */

struct announce {
    const char *token, *owner, *out, *show;
    int group_type;
    struct list roots;
    struct announcement *made;
};

/* --- addresses ---------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *port)
{
    unsigned long value = 0;

    if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
        return false;
    value = strtoul(text, NULL, 10);
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* "host", "host:port", "[2001:db8::1]:port"; the host is fresh. */
static bool parse_endpoint(char *text, char **host, uint16_t *port)
{
    char *end;

    *port = PORT;
    if (*text == '[') {
        end = strchr(text, ']');
        if (!end || (end[1] && end[1] != ':'))
            return false;
        *end++ = '\0';
        text++;
    } else {
        end = strchr(text, ':');
        if (!end)
            end = text + strlen(text);
    }
    if (*end == ':') {
        *end++ = '\0';
        if (!parse_port(end, port))
            return false;
    }
    if (!*text)
        return false;
    *host = gk_strdup(text);
    return true;
}

static bool add_server(struct announcement *to, const char *text)
{
    struct announcement_server *server = &to->server[to->server_count];
    char *copy;
    char *slash;
    bool good;

    if (to->server_count == ANNOUNCEMENT_SERVERS)
        return false;
    copy = gk_strdup(text);
    slash = strrchr(copy, '/');
    good = !slash || strcmp(slash, "/tcp") == 0 || strcmp(slash, "/udp") == 0;
    server->tcp = slash && strcmp(slash, "/tcp") == 0;
    if (slash)
        *slash = '\0';
    good = good && parse_endpoint(copy, &server->host, &server->port);
    to->server_count += good;
    free(copy);
    return good;
}

static bool add_rekey(struct announcement *to, const char *text)
{
    struct announcement_rekey *rekey = &to->rekey[to->rekey_count];
    char *copy;
    bool good;

    if (to->rekey_count == ANNOUNCEMENT_REKEYS)
        return false;
    copy = gk_strdup(text);
    good = parse_endpoint(copy, &rekey->address, &rekey->port);
    to->rekey_count += good;
    free(copy);
    return good;
}

/* --- from a token --------------------------------------------------------------- */

static bool set_mechanism(const struct token *token, struct gk_mechanism *to, struct gk_reason *why)
{
    for (size_t i = 0; i < token->registration_count; i++) {
        const struct token_protocol *join = &token->registrations[i].join;

        for (size_t j = 0;
             join->kind == TOKEN_PROTOCOL_REGISTER && j < join->registration->mechanism_count;
             j++) {
            if (token_mechanism_algorithms(&join->registration->mechanisms[j], to) &&
                gk_mechanism_runs(to, NULL))
                return true;
        }
    }
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "not-run",
                     "no JoinMechanism of the token is run by this version");
}

static bool set_owner(const struct cms *cms, struct announcement *to, struct gk_reason *why)
{
    struct gk_writer name = {0};

    if (!name_of_certificate(cms->signer, &name, why)) {
        gk_writer_free(&name);
        return false;
    }
    gk_write_u8(&name, 0);
    to->owner = gk_strdup((const char *)name.data);
    gk_writer_free(&name);
    gk_sha256(cms->signer, to->owner_fingerprint);
    return true;
}

/* The owner's certificate at hand must be the one that signed. */
static bool check_owner(const struct announce *announce, const struct cms *cms,
                        struct gk_reason *why)
{
    struct list list = {0};
    bool good;

    if (!announce->owner)
        return true;
    if (!load_certificates(announce->owner, &list, why)) {
        list_free(&list);
        return false;
    }
    good = gk_octets_equal(gk_secret_octets(&list.value[0]), cms->signer) ||
           gk_refuse(why, GK_NONE, GK_NO_OFFSET, "another-signer",
                     "the token is signed under another certificate than %s", announce->owner);
    list_free(&list);
    return good;
}

static bool set_roots(struct announce *announce, struct gk_reason *why)
{
    struct announcement *to = announce->made;

    if (announce->roots.count > ANNOUNCEMENT_ROOTS)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "announcement",
                         "there are %zu roots; expected at most %d", announce->roots.count,
                         ANNOUNCEMENT_ROOTS);
    for (size_t i = 0; i < announce->roots.count; i++)
        to->root[to->root_count++] = gk_secret_copy(gk_secret_octets(&announce->roots.value[i]));
    return true;
}

/* Members who trust the roots must find the owner below them, as it was when it signed. */
static bool check_roots(const struct announce *announce, const struct cms *cms,
                        struct gk_reason *why)
{
    struct gk_octets certificates[CMS_CERTIFICATES + 1] = {cms->signer};
    struct gk_octets roots[LIST_MAX];
    struct pki_trust trust = {
        .roots = roots, .root_count = announce->roots.count, .tolerate_sha1 = true};
    struct pki_identity *owner = NULL;
    struct gk_reason inner;
    size_t count = 1;

    list_octets(&announce->roots, roots);
    for (size_t i = 0; i < cms->certificate_count; i++) {
        if (!gk_octets_equal(cms->certificate[i], cms->signer))
            certificates[count++] = cms->certificate[i];
    }
    if (!pki_validate(&trust, certificates, count, NULL, 0, cms->signing_time, &owner, &inner))
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "owner-path",
                         "members who trust these roots would not accept the owner: %.180s",
                         inner.text);
    pki_identity_free(owner);
    return true;
}

static bool fill(struct announce *announce, struct gk_octets file, struct gk_reason *why)
{
    struct announcement *to = announce->made;
    struct token *token;
    struct cms cms;
    bool good;

    if (!cms_verify(&cms, file, why))
        return token_kind_explain(file, TOKEN_KIND_SIGNED, "a signed token", why);
    token = token_from_der(cms.content, why);
    if (!token)
        return false;
    to->has_least_edition = token->has_edition;
    to->least_edition = token->edition;
    good = gk_group_set(&to->group, (uint8_t)announce->group_type, token->group_name, why) &&
           check_owner(announce, &cms, why) && check_roots(announce, &cms, why) &&
           set_owner(&cms, to, why) && set_mechanism(token, &to->mechanism, why) &&
           set_roots(announce, why);
    token_free(token);
    return good;
}

static void tell_fingerprint(const struct announcement *announcement, FILE *to)
{
    char text[ANNOUNCEMENT_FINGERPRINT_TEXT];

    announcement_fingerprint(announcement, text);
    fprintf(to, "fingerprint %s\n", text);
}

static int make(struct announce *announce)
{
    struct gk_reason why = {0};
    struct gk_secret file = {0};
    struct gk_writer to = {0};
    int status;

    if (!load_file(announce->token, &file, &why) ||
        !fill(announce, gk_secret_octets(&file), &why) ||
        !announcement_write(announce->made, &to, &why)) {
        status = complain_of(announce->token, &why);
    } else {
        status = deliver(announce->out, gk_writer_octets(&to), &why);
        if (status == DONE)
            tell_fingerprint(announce->made, strcmp(announce->out, "-") == 0 ? stderr : stdout);
    }
    gk_writer_free(&to);
    gk_secret_free(&file);
    return status;
}

/* --- show -------------------------------------------------------------------------- */

static const char *algorithm(enum gk_registry registry, uint16_t value)
{
    const char *name = token_algorithm_name(registry, value);

    return name ? name : "unknown";
}

static void tell(const struct announcement *from)
{
    struct gk_octets value = gk_group_value(&from->group);
    size_t head = from->group.type > 1 && value.size > 8 ? 8 : 0;
    char *random = gk_hex(gk_octets(value.data, head));
    char *owner = gk_hex(gk_octets(from->owner_fingerprint, 32));
    char name[512];

    printf("group %s%s\"%s\" (type %u)\n", random, head ? " " : "",
           gk_escape(name, sizeof name, gk_octets(value.data + head, value.size - head)),
           from->group.type);
    if (from->has_least_edition)
        printf("least edition %lld\n", (long long)from->least_edition);
    printf("owner %s\n  certificate SHA-256 %s\n",
           gk_escape(name, sizeof name, gk_octets_of(from->owner)), owner);
    printf("mechanism %s, %s, %s, %s\n",
           algorithm(GK_REGISTRY_SIGNATURE, from->mechanism.signature),
           algorithm(GK_REGISTRY_NONCE_HASH, from->mechanism.nonce_hash),
           algorithm(GK_REGISTRY_KEY_CREATION, from->mechanism.key_creation),
           algorithm(GK_REGISTRY_KEY, from->mechanism.key_wrap));
    for (size_t i = 0; i < from->server_count; i++)
        printf("server %s port %u by %s\n", from->server[i].host, from->server[i].port,
               from->server[i].tcp ? "TCP" : "UDP");
    for (size_t i = 0; i < from->rekey_count; i++)
        printf("rekeys to %s port %u\n", from->rekey[i].address, from->rekey[i].port);
    for (size_t i = 0; i < from->root_count; i++) {
        struct gk_writer subject = {0};

        if (!name_of_certificate(gk_secret_octets(&from->root[i]), &subject, NULL))
            gk_writer_cut(&subject, 0);
        printf("root %s\n", gk_escape(name, sizeof name, gk_writer_octets(&subject)));
        gk_writer_free(&subject);
    }
    tell_fingerprint(from, stdout);
    free(random);
    free(owner);
}

static int show(const char *path)
{
    struct gk_reason why = {0};
    struct gk_secret file = {0};
    struct announcement *read = NULL;
    int status = DONE;

    if (load_file(path, &file, &why) && !(read = announcement_read(gk_secret_octets(&file), &why)))
        (void)token_kind_explain(gk_secret_octets(&file), TOKEN_KIND_ANNOUNCEMENT,
                                 "an announcement", &why);
    if (read)
        tell(read);
    else
        status = complain_of(path, &why);
    announcement_free(read);
    gk_secret_free(&file);
    return status;
}

/* --- options -------------------------------------------------------------------------- */

static int take(struct announce *announce, int option, const char *value)
{
    struct gk_reason why = {0};
    uint16_t number;

    switch (option) {
    case 't':
        announce->token = value;
        return DONE;
    case 'w':
        announce->owner = value;
        return DONE;
    case 'o':
        announce->out = value;
        return DONE;
    case 'S':
        announce->show = value;
        return DONE;
    case 'g':
        if (!parse_port(value, &number) || number > 255)
            return misused(&command_announce, "%s is no Group ID type", value);
        announce->group_type = number;
        return DONE;
    case 'r':
        return load_certificates(value, &announce->roots, &why) ? DONE : complain_of(value, &why);
    case 's':
        return add_server(announce->made, value)
                   ? DONE
                   : misused(&command_announce, "the server %s is no host:port[/tcp]", value);
    case 'k':
        return add_rekey(announce->made, value)
                   ? DONE
                   : misused(&command_announce, "the rekey address %s is no address:port", value);
    default:
        return misused(&command_announce, "an option is wrong");
    }
}

static int announce_with(struct announce *announce, int argc, char **argv)
{
    static const struct option options[] = {
        {"token", required_argument, NULL, 't'},  {"owner-cert", required_argument, NULL, 'w'},
        {"root", required_argument, NULL, 'r'},   {"server", required_argument, NULL, 's'},
        {"rekey", required_argument, NULL, 'k'},  {"group-type", required_argument, NULL, 'g'},
        {"output", required_argument, NULL, 'o'}, {"show", required_argument, NULL, 'S'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "t:r:s:k:g:o:h", options, NULL)) != -1) {
        int status = option == 'h' ? DONE : take(announce, option, optarg);

        if (option == 'h')
            return help(&command_announce);
        if (status != DONE)
            return status;
    }
    if (argc != optind)
        return misused(&command_announce, "%s is no option", argv[optind]);
    if (announce->show)
        return show(announce->show);
    if (!announce->token || !announce->out || !announce->roots.count ||
        !announce->made->server_count)
        return misused(&command_announce, "--token, --root, --server and -o are needed");
    return make(announce);
}

static int run(int argc, char **argv)
{
    struct announce announce = {.group_type = 2, .made = gk_alloc(1, sizeof *announce.made)};
    int status = announce_with(&announce, argc, argv);

    announcement_free(announce.made);
    list_free(&announce.roots);
    return status;
}

const struct command command_announce = {
    "announce", "group announcement for members",
    "Usage: gsakmp-token announce --token SIGNED.pt [--owner-cert F] --root CA.pem ...\n"
    "           --server HOST[:PORT][/tcp] ... [--rekey ADDRESS:PORT ...] -o FILE\n"
    "       gsakmp-token announce --show FILE\n"
    "Writes what a member must know before it joins, gsakmp-announcement(5), and prints its\n"
    "fingerprint: whoever gets the file compares it with the owner by voice.\n\n"
    "  -t, --token FILE        the group's signed token\n"
    "      --owner-cert FILE   refuse a token that is signed under another certificate\n"
    "  -r, --root FILE         trusted roots; may be repeated\n"
    "  -s, --server SERVER     where to register, in order of preference; port 3761 and UDP\n"
    "                          where none is said\n"
    "  -k, --rekey ADDRESS     where Rekey Events arrive: multicast, or each member's own\n"
    "  -g, --group-type N      Group ID type, 2 where none is said\n"
    "  -o, --output FILE       where the announcement goes; - is standard output\n"
    "      --show FILE         shows an announcement and its fingerprint\n",
    run};
