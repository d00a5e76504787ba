/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two tokens: each kind of change, and beside it what is none. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/token/json-schema.h"
#include "tests/token/random-token.h"
#include "token/diff-json.h"
#include "token/diff.h"
#include "token/source.h"

#define ACME  "907b3f2cdaf33d479a34b5feaa9264aab5f5852c"
#define OTHER "0102030405060708090a0b0c0d0e0f1011121314"
#define ALLOW "<allow dn='CN=*,OU=A,O=Acme'/>"
#define SUBS  "<subordinates><subordinate dn='CN=East,O=Acme'/></subordinates>"
#define SEND  "<senders><sender dn='CN=Cam,OU=A,O=Acme'/></senders>"
#define BAD   "<exclude dn='CN=Bad,OU=A,O=Acme'/>"
#define MECHANISM                                                                                  \
    "<mechanism signature='Ed25519' nonce-hash='SHA-256' key-creation='X25519' "                   \
    "key-wrap='AES-128-GCM'/>"
#define LEAVE "<leave signature='Ed25519' nonce-hash='SHA-256'/>"
#define DATA  "<data encryption='80000001' encryption-expires='30 d'/>"

static const char base[] =
    "<policy>\n<group random='a1a2a3a4a5a6a7a8' name='x' edition='7'/>\n"
    "<ca name='acme' key-id='" ACME "'/>\n"
    "<registration transport='udp'>\n<gcks dn='CN=G,O=Acme'/>\n" SUBS "\n" SEND "\n"
    "<access>\n" ALLOW "\n<allow dn='CN=Ann,OU=B,O=Acme'/>\n<allow fqdn='a.example.org'/>\n" BAD
    "\n</access>\n"
    "<access permissions='3'>\n<allow dn='CN=*,OU=P,O=Acme'/>\n</access>\n" MECHANISM
    "\n<mechanism signature='ECDSA P-256' nonce-hash='SHA-256' key-creation='X25519' "
    "key-wrap='AES-128-GCM'/>\n"
    "<de-registration transport='udp'>\n" LEAVE "\n</de-registration>\n</registration>\n"
    "<rekey every='1 h' interval='2 h' resend='2' key-wrap='AES-128-GCM' signature='Ed25519' "
    "nonce-hash='SHA-256' scheme='autonomous'>\n<authorized dn='CN=G,O=Acme'/>\n"
    "<subordinate dn='CN=East,O=Acme'/>\n</rekey>\n" DATA "\n</policy>\n";

static struct token *token_of(const char *xml)
{
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(xml), "test", NULL, &why);

    if (!token)
        printf("\n    %s\n%s", why.text, xml);
    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    return token;
}

/* The base with one text in place of another, which stands there. */
static struct token *changed(const char *from, const char *by)
{
    const char *at = strstr(base, from);
    struct token *token;
    char *xml;

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    xml = gk_format("%.*s%s%s", (int)(at - base), base, by, at + strlen(from));
    token = token_of(xml);
    free(xml);
    return token;
}

static void print(const struct token_diff *diff, const char *label)
{
    struct gk_writer text = {0};

    token_diff_text(diff, "old", "new", &text);
    printf("\n    %s: %.*s", label, (int)text.size, (const char *)text.data);
    gk_writer_free(&text);
}

static const struct token_difference *find(const struct token_diff *diff, const char *code)
{
    for (size_t i = 0; i < diff->count; i++) {
        if (strcmp(diff->at[i].code, code) == 0)
            return &diff->at[i];
    }
    return NULL;
}

static enum token_effect opposite(enum token_effect effect)
{
    static const enum token_effect other[TOKEN_EFFECTS] = {
        TOKEN_SAME, TOKEN_CHANGED, TOKEN_WIDER, TOKEN_NARROWER, TOKEN_WEAKER, TOKEN_STRONGER};

    return other[effect];
}

struct row {
    const char *from, *by;
    const char *code; /* NULL: no difference at all */
    enum token_effect effect;
};

static void check_row(const struct row *row)
{
    struct token *old = token_of(base);
    struct token *new = changed(row->from, row->by);
    struct token_diff *diff = token_diff(old, new);
    struct token_diff *back = token_diff(new, old);
    const struct token_difference *at = row->code ? find(diff, row->code) : NULL;
    bool same = !row->code || row->effect == TOKEN_SAME;
    bool good = same == token_diff_none(diff) && same == token_diff_none(back) &&
                (row->code ? at && at->effect == row->effect : diff->count == 0);

    if (good && row->code && !same && row->effect != TOKEN_CHANGED)
        good = token_diff_count(back, opposite(row->effect)) > 0 &&
               token_diff_count(diff, opposite(row->effect)) == 0;
    CU_ASSERT_TRUE(good);
    if (!good)
        print(diff, row->by);
    token_diff_free(diff);
    token_diff_free(back);
    token_free(old);
    token_free(new);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_row(&rows[i]);
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof *(rows))

static void group_and_edition(void)
{
    static const struct row rows[] = {
        {"name='x'", "name='y'", "group", TOKEN_CHANGED},
        {"name='x'", "name='x' ", NULL, TOKEN_SAME},
        {"udp", "tcp", "edition-same", TOKEN_CHANGED},
    };
    struct token *old = token_of(base);
    struct token *new = changed("edition='7'", "edition='8'");
    struct token_diff *diff = token_diff(old, new);
    struct token_diff *back = token_diff(new, old);

    CHECK(rows);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "edition-newer"));
    CU_ASSERT_TRUE(token_diff_none(diff));
    CU_ASSERT_PTR_NOT_NULL(find(back, "edition-older"));
    CU_ASSERT_FALSE(token_diff_none(back));
    token_diff_free(diff);
    token_diff_free(back);
    token_free(old);
    token_free(new);
}

static void who_is_admitted(void)
{
    static const struct row rows[] = {
        {ALLOW, ALLOW "<allow dn='CN=Cid,OU=C,O=Acme'/>", "member-admitted", TOKEN_WIDER},
        {"CN=*,OU=A", "CN=*,OU=*", "member-admitted", TOKEN_WIDER},
        {"a.example.org", "*.example.org", "member-admitted", TOKEN_WIDER},
        {ALLOW, "<allow dn='CN=Bob,OU=A,O=Acme'/>", "member-dropped", TOKEN_NARROWER},
        {"<allow fqdn='a.example.org'/>", "", "member-dropped", TOKEN_NARROWER},
        /* who was in already, and who stays out */
        {ALLOW, ALLOW "<allow dn='CN=Bob,OU=A,O=Acme'/>", "rules-rewritten", TOKEN_SAME},
        {ALLOW, ALLOW ALLOW, "rules-rewritten", TOKEN_SAME},
        {ALLOW, ALLOW "<allow dn='CN=Bad,OU=A,O=Acme'/>", "rules-rewritten", TOKEN_SAME},
        {BAD, BAD "<exclude dn='CN=bad,OU=a,O=ACME'/>", "rules-rewritten", TOKEN_SAME},
        {ALLOW "\n<allow dn='CN=Ann,OU=B,O=Acme'/>", "<allow dn='CN=Ann,OU=B,O=Acme'/>" ALLOW,
         "rules-rewritten", TOKEN_SAME},
        {"'a.example.org'", "'A.EXAMPLE.org'", "rules-rewritten", TOKEN_SAME},
    };

    CHECK(rows);
}

/* A star in a name is not the wildcard; another CA is another rule; nor does a pattern cover a
 * wider one. */
static void near_misses_of_cover(void)
{
    static const struct row rows[] = {
        {"CN=Ann,OU=B", "CN=\\2A,OU=B", "member-admitted", TOKEN_WIDER},
        {"<allow dn='CN=Ann,OU=B,O=Acme'/>",
         "<allow dn='CN=Ann,OU=B,O=Acme' ca-key-id='" OTHER "'/>", "member-admitted", TOKEN_WIDER},
        {"<allow dn='CN=Ann,OU=B,O=Acme'/>", "<allow dn='CN=ann,OU=B,O=Acme'/>", "member-admitted",
         TOKEN_WIDER},
    };
    struct token *old = token_of(base);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct token *new = changed(rows[i].from, rows[i].by);
        struct token_diff *diff = token_diff(old, new);

        CU_ASSERT_PTR_NOT_NULL(find(diff, "member-admitted"));
        CU_ASSERT_PTR_NOT_NULL(find(diff, "member-dropped"));
        token_diff_free(diff);
        token_free(new);
    }
    token_free(old);
}

/* Does the second rule change nothing, beside the first? */
static void check_another(const char *wide, const char *narrow, bool none)
{
    char *one = gk_format("<allow dn='%s'/>", wide);
    char *two = gk_format("%s<allow dn='%s'/>", one, narrow);
    struct token *old = changed("<allow dn='CN=Ann,OU=B,O=Acme'/>", one);
    struct token *new = changed("<allow dn='CN=Ann,OU=B,O=Acme'/>", two);
    struct token_diff *diff = token_diff(old, new);

    CU_ASSERT_EQUAL(token_diff_none(diff), none);
    if (token_diff_none(diff) != none)
        print(diff, narrow);
    token_diff_free(diff);
    token_free(old);
    token_free(new);
    free(one);
    free(two);
}

/* Several attributes in one RDN, in any order, and a wildcard there or elsewhere. */
static void multi_valued_names_are_covered(void)
{
    static const char *const wide[] = {"CN=*,OU=B+L=X,O=Acme", "CN=Ann+UID=*,OU=B+L=X,O=Acme",
                                       "CN=*,L=*+OU=B,O=*", "OU=B+L=X,CN=*"};
    static const char *const narrow[] = {"CN=Ann,L=X+OU=B,O=Acme", "UID=7+CN=Ann,L=X+OU=B,O=Acme",
                                         "CN=*,OU=B+L=X,O=Acme", "L=X+OU=B,CN=Cid"};

    static const char *const star[] = {"CN=\\2A+L=*,OU=B,O=Acme", "CN=*+L=*,OU=B,O=Acme"};

    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        check_another(wide[i], narrow[i], true);
    check_another(star[0], star[1], false);
    check_another(star[1], star[0], true);
}

static void a_narrowing_names_what_is_left(void)
{
    struct token *old = token_of(base);
    struct token *new = changed(ALLOW, "<allow dn='CN=Bob,OU=A,O=Acme'/>");
    struct token_diff *diff = token_diff(old, new);
    const struct token_difference *at = find(diff, "member-dropped");

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_PTR_NOT_NULL(strstr(at->text, "no longer admitted: CN=*,OU=A,O=Acme under CA 90:7b"));
    CU_ASSERT_PTR_NOT_NULL(strstr(at->text, "; now only CN=Bob,OU=A,O=Acme"));
    CU_ASSERT_TRUE(at->in_old);
    CU_ASSERT_EQUAL(at->line, 9);
    CU_ASSERT_STRING_EQUAL(at->path, "registration[0].register.joinAccessControl[0].accessRule[0]");
    token_diff_free(diff);
    token_free(old);
    token_free(new);
}

static void permissions(void)
{
    static const struct row rows[] = {
        {"permissions='3'", "permissions='3 5'", "permission-asked", TOKEN_NARROWER},
        {" permissions='3'", "", "permission-dropped", TOKEN_WIDER},
        {"permissions='3'", "permissions='3 3'", NULL, TOKEN_SAME},
    };

    CHECK(rows);
}

static void exclusions(void)
{
    static const struct row rows[] = {
        {BAD, BAD "<exclude dn='CN=Eve,OU=A,O=Acme'/>", "excluded", TOKEN_NARROWER},
        {BAD, "", "no-longer-excluded", TOKEN_WIDER},
        {BAD, "<exclude dn='CN=*,OU=A,O=Acme'/>", "excluded", TOKEN_NARROWER},
        {"CN=Bad", "CN=BAD", "rules-rewritten", TOKEN_SAME},
    };

    CHECK(rows);
}

/* A rule for those whom an exclusion of the same token shuts out lets nobody in. */
static void rules_for_excluded_people(void)
{
#define SHUT BAD "<exclude dn='CN=*,O=z'/>"
    struct token *old = changed(BAD, SHUT);
    struct token *new = changed("<allow fqdn='a.example.org'/>\n" BAD,
                                "<allow fqdn='a.example.org'/><allow dn='CN=Zed,O=Z'/>" SHUT);
    struct token *open = changed(BAD, "<allow dn='CN=Zed,O=Z'/>" BAD);
    struct token_diff *diff = token_diff(old, new);

    CU_ASSERT_TRUE(token_diff_none(diff));
    CU_ASSERT_PTR_NOT_NULL(find(diff, "excluded-anyway"));
    token_diff_free(diff);
    diff = token_diff(new, open);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "no-longer-excluded"));
    CU_ASSERT_EQUAL(token_diff_count(diff, TOKEN_WIDER), 1);
    token_diff_free(diff);
    token_free(old);
    token_free(new);
    token_free(open);
#undef SHUT
}

/* CN=A+CN=a has the two values that the rule wants, and folded only one: not what the exclusion
 * wants. */
static void folding_may_join_values(void)
{
#define ODD "dn='CN=a+CN=*,O=z'/>"
    struct token *old = changed(BAD, BAD "<exclude " ODD);
    struct token *new = changed("<allow fqdn='a.example.org'/>\n" BAD,
                                "<allow fqdn='a.example.org'/><allow " ODD BAD "<exclude " ODD);
    struct token_diff *diff = token_diff(old, new);

    CU_ASSERT_PTR_NOT_NULL(find(diff, "member-admitted"));
    token_diff_free(diff);
    token_free(old);
    token_free(new);
#undef ODD
}

static void roles(void)
{
    static const struct row rows[] = {
        {"<gcks dn='CN=G,O=Acme'/>", "<gcks dn='CN=G,O=Acme'/><gcks dn='CN=H,O=Acme'/>",
         "gcks-added", TOKEN_WIDER},
        {"<gcks dn='CN=G,O=Acme'/>", "<gcks dn='CN=*,O=Acme'/>", "gcks-added", TOKEN_WIDER},
        {SUBS, "<subordinates><subordinate dn='CN=*,O=Acme'/></subordinates>", "subordinate-added",
         TOKEN_WIDER},
        {SUBS, SUBS SUBS, "rules-rewritten", TOKEN_SAME},
        {SUBS, "", "subordinate-removed", TOKEN_NARROWER},
        {SEND, "", "senders-everybody", TOKEN_WIDER},
        {"<sender dn='CN=Cam,OU=A,O=Acme'/>",
         "<sender dn='CN=Cam,OU=A,O=Acme'/><sender dn='CN=C2,OU=A,O=Acme'/>", "sender-added",
         TOKEN_WIDER},
        {"<sender dn='CN=Cam,OU=A,O=Acme'/>",
         "<sender dn='CN=Cam,OU=A,O=Acme'/><sender dn='CN=Cam,OU=A,O=Acme'/>", "rules-rewritten",
         TOKEN_SAME},
        {"<authorized dn='CN=G,O=Acme'/>",
         "<authorized dn='CN=G,O=Acme'/><authorized dn='CN=H,O=Acme'/>", "rekey-authority-added",
         TOKEN_WIDER},
        {"<subordinate dn='CN=East,O=Acme'/>\n</rekey>",
         "<subordinate dn='CN=East,O=Acme'/><subordinate dn='CN=W,O=Acme'/>\n</rekey>",
         "auth-sub-added", TOKEN_WIDER},
        {"scheme='autonomous'>\n<authorized dn='CN=G,O=Acme'/>\n<subordinate "
         "dn='CN=East,O=Acme'/>\n",
         "scheme='none'>\n<authorized dn='CN=G,O=Acme'/>\n", "subordinates-ended", TOKEN_NARROWER},
    };

    CHECK(rows);
}

static void mechanisms(void)
{
    static const struct row rows[] = {
        {MECHANISM, MECHANISM "<mechanism suite='suite-1'/>", "weakest-signature", TOKEN_WEAKER},
        {MECHANISM, MECHANISM "<mechanism suite='suite-1'/>", "mechanism-added", TOKEN_CHANGED},
        {MECHANISM,
         MECHANISM "<mechanism signature='ECDSA P-384' nonce-hash='SHA-256' "
                   "key-creation='X25519' key-wrap='AES-256-GCM'/>",
         "mechanism-added", TOKEN_CHANGED},
        {MECHANISM,
         MECHANISM "<mechanism signature='Ed25519' nonce-hash='SHA-256' key-creation='X25519' "
                   "key-wrap='AES-CBC-128'/>",
         "weakest-key-wrap", TOKEN_WEAKER},
        {MECHANISM "\n", "", "mechanism-removed", TOKEN_CHANGED},
        {MECHANISM, MECHANISM MECHANISM, NULL, TOKEN_SAME},
        {"key-wrap='AES-128-GCM'/>\n<mechanism", "key-wrap='AES-256-GCM'/>\n<mechanism",
         "group-key-type", TOKEN_STRONGER},
        {"key-wrap='AES-128-GCM'/>\n<mechanism",
         "key-wrap='AES-128-GCM' mode='verbose'/>\n<mechanism", "mechanism-terse", TOKEN_CHANGED},
        {"key-wrap='AES-128-GCM'/>\n<mechanism",
         "key-wrap='AES-128-GCM' freshness='timestamps'/>\n<mechanism", "mechanism-freshness",
         TOKEN_WEAKER},
        {"key-wrap='AES-128-GCM'/>\n<mechanism",
         "key-wrap='AES-128-GCM' time-out='40 s'/>\n<mechanism", "mechanism-time-out",
         TOKEN_CHANGED},
        {"key-wrap='AES-128-GCM'/>\n<mechanism",
         "key-wrap='AES-128-GCM' time-out='30 s'/>\n<mechanism", NULL, TOKEN_SAME},
        {"transport='udp'", "transport='tcp'", "register-transport", TOKEN_CHANGED},
    };

    CHECK(rows);
}

/* The other way round the second becomes the preferred one. */
static void preference(void)
{
    static const char second[] = "<mechanism signature='ECDSA P-256' nonce-hash='SHA-256' "
                                 "key-creation='X25519' key-wrap='AES-128-GCM'/>";
    char *from = gk_format("%s\n%s", MECHANISM, second);
    char *by = gk_format("%s\n%s", second, MECHANISM);
    struct row row = {from, by, "mechanism-order", TOKEN_CHANGED};

    check_row(&row);
    free(from);
    free(by);
}

static void leaving(void)
{
    static const struct row rows[] = {
        {LEAVE, LEAVE "<leave signature='ECDSA P-256' nonce-hash='SHA-256'/>", "leave-added",
         TOKEN_WIDER},
        {LEAVE, LEAVE LEAVE, NULL, TOKEN_SAME},
        {LEAVE, LEAVE "<leave signature='Ed25519' nonce-hash='SHA-1'/>", NULL, TOKEN_SAME},
        {LEAVE, "<leave signature='Ed25519' nonce-hash='SHA-1'/>", "leave-nonce-hash",
         TOKEN_WEAKER},
        {"<de-registration", "<de-registration mode='verbose'", "leave-terse", TOKEN_CHANGED},
        {"<de-registration transport='udp'", "<de-registration transport='tcp'", "leave-transport",
         TOKEN_CHANGED},
        {"<de-registration transport='udp'>\n" LEAVE "\n</de-registration>",
         "<de-registration protocol='none'/>", "leave-none", TOKEN_NARROWER},
    };

    CHECK(rows);
}

static void rekeys(void)
{
    static const struct row rows[] = {
        {"every='1 h'", "every='30 min'", "rekey-events", TOKEN_STRONGER},
        {"every='1 h'", "every='60 min'", NULL, TOKEN_SAME},
        {"every='1 h'", "every='1 h' after-events='5'", "rekey-events", TOKEN_STRONGER},
        {"every='1 h'", "after-events='5'", "rekey-events", TOKEN_CHANGED},
        {"every='1 h'", "never='yes'", "rekey-events", TOKEN_WEAKER},
        {"interval='2 h'", "interval='3 h'", "rekey-interval", TOKEN_WEAKER},
        {"interval='2 h'", "interval='7200'", NULL, TOKEN_SAME},
        {"resend='2'", "resend='3'", "rekey-reliability", TOKEN_CHANGED},
        {"resend='2'", "post='https://a.example'", "rekey-reliability", TOKEN_CHANGED},
        {"2' key-wrap='AES-128-GCM'", "2' key-wrap='AES-256-GCM'", "rekey-key-type",
         TOKEN_STRONGER},
        {"2' key-wrap='AES-128-GCM'", "2' method='none'", "rekey-method", TOKEN_WEAKER},
        {"signature='Ed25519' nonce-hash='SHA-256' scheme",
         "signature='ECDSA P-384' nonce-hash='SHA-256' scheme", "rekey-signature", TOKEN_STRONGER},
        {"nonce-hash='SHA-256' scheme", "nonce-hash='SHA-1' scheme", "rekey-hash", TOKEN_WEAKER},
        {"scheme='autonomous'>\n", "scheme='autonomous' domain='00'>\n", NULL, TOKEN_SAME},
    };

    CHECK(rows);
}

/* Only the first that is known is in force (profile 11.10). */
static void rekeys_that_are_not_in_force(void)
{
    static const struct row rows[] = {
        {"</rekey>", "</rekey><rekey every='9 h'/>", "rekey-unused", TOKEN_SAME},
        {"</rekey>", "</rekey><rekey method-oid='2.999.1' method-info='00'/>", "rekey-unused",
         TOKEN_CHANGED},
    };
    struct token *old = token_of(base);
    struct token *new = changed("<rekey every", "<rekey every='9 h'/><rekey every");
    struct token_diff *diff = token_diff(old, new);

    CHECK(rows);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "rekey-events"));
    CU_ASSERT_PTR_NOT_NULL(find(diff, "rekey-unused"));
    token_diff_free(diff);
    token_free(old);
    token_free(new);
}

static void data(void)
{
    static const struct row rows[] = {
        {DATA, DATA "<data authentication='80000002'/>", "key-added", TOKEN_CHANGED},
        {DATA, DATA DATA, NULL, TOKEN_SAME},
        {"<data encryption='80000001' encryption-expires",
         "<data authentication='80000001' authentication-expires", "key-use", TOKEN_CHANGED},
        {"80000001", "80000009", "key-of-tokens", TOKEN_CHANGED},
        {"'30 d'", "'20 d'", "key-expiration", TOKEN_STRONGER},
        {"'30 d'", "'720 h'", NULL, TOKEN_SAME},
    };

    CHECK(rows);
}

static void unknown_protocols(void)
{
    static const struct row rows[] = {
        {"</policy>", "<data oid='2.999.3' info='00'/></policy>", "unknown-added", TOKEN_CHANGED},
    };
    static const char one[] = "<data oid='2.999.3' info='00'/></policy>";
    static const char other[] = "<data oid='2.999.3' info='01'/></policy>";
    struct token *old = changed("</policy>", one);
    struct token *new = changed("</policy>", other);
    struct token_diff *diff = token_diff(old, new);

    CHECK(rows);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "unknown-changed"));
    token_diff_free(diff);
    diff = token_diff(old, old);
    CU_ASSERT_EQUAL(diff->count, 0);
    token_diff_free(diff);
    token_free(old);
    token_free(new);
}

/* --- registrations ---------------------------------------------------------------------------- */

#define POLICY(registrations)                                                                      \
    "<policy><group random='a1a2a3a4a5a6a7a8' name='x' edition='7'/><ca name='acme' "              \
    "key-id='" ACME "'/>" registrations "<rekey/></policy>"
#define ONE(allow, suite)                                                                          \
    "<registration><gcks dn='CN=G,O=Acme'/><access><allow dn='" allow "'/></access><mechanism "    \
    "suite='" suite "'/><de-registration protocol='none'/></registration>"

static struct token_diff *diff_of(const char *old_xml, const char *new_xml)
{
    struct token *old = token_of(old_xml);
    struct token *new = token_of(new_xml);
    struct token_diff *diff = token_diff(old, new);

    token_free(old);
    token_free(new);
    return diff;
}

/* Members are judged by the Registration of their mechanism, wherever it stands. */
static void registrations_in_another_order(void)
{
    static const char ab[] = POLICY(ONE("CN=*,O=A", "recommended") ONE("CN=*,O=B", "p256"));
    static const char ba[] = POLICY(ONE("CN=*,O=B", "p256") ONE("CN=*,O=A", "recommended"));
    static const char swapped[] = POLICY(ONE("CN=*,O=B", "recommended") ONE("CN=*,O=A", "p256"));
    static const char only[] = POLICY(ONE("CN=*,O=A", "recommended"));
    struct token_diff *diff = diff_of(ab, ba);

    CU_ASSERT_PTR_NOT_NULL(find(diff, "mechanism-order"));
    CU_ASSERT_EQUAL(token_diff_count(diff, TOKEN_WIDER) + token_diff_count(diff, TOKEN_NARROWER),
                    0);
    token_diff_free(diff);
    diff = diff_of(ab, swapped);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "member-way-added"));
    CU_ASSERT_PTR_NOT_NULL(find(diff, "member-way-dropped"));
    CU_ASSERT_PTR_NULL(find(diff, "member-admitted"));
    token_diff_free(diff);
    diff = diff_of(only, ab);
    CU_ASSERT_PTR_NOT_NULL(find(diff, "registration-added"));
    CU_ASSERT_PTR_NOT_NULL(find(diff, "member-admitted"));
    token_diff_free(diff);
}

/* --- any tokens ------------------------------------------------------------------------------- */

static void no_token_differs_from_itself(void)
{
    struct gk_random random = test_random(4534);

    for (int i = 0; i < 400; i++) {
        struct token *a = random_token(&random);
        struct token *b = random_token(&random);
        struct token_diff *diff = token_diff(a, a);

        CU_ASSERT_EQUAL(diff->count, 0);
        if (diff->count)
            print(diff, "itself");
        token_diff_free(diff);
        diff = token_diff(a, b);
        for (size_t j = 0; j < diff->count; j++)
            CU_ASSERT_TRUE(strlen(diff->at[j].text) > 0 && !strpbrk(diff->at[j].text, "\n\x1b"));
        token_diff_free(diff);
        token_free(a);
        token_free(b);
    }
}

static void json_fits_its_schema(void)
{
    struct token *old = token_of(base);
    struct token *new = changed(ALLOW, "<allow dn='CN=Bob,OU=A,O=Acme'/>");
    struct token_diff *diff = token_diff(old, new);
    json_t *schema = json_load_file(TEST_DATA "/../doc/gsakmp-token-diff.schema.json", 0, NULL);
    json_t *json = token_diff_json(diff);
    json_t *side =
        json_pack("{s:s, s:s, s:i, s:b, s:n, s:n, s:b}", "file", "a", "group", "00", "edition", 1,
                  "signed", false, "signer", "signing-time", "verified", false);
    char wrong[200] = "";

    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    CU_ASSERT_FALSE(json_fits(schema, json, wrong, sizeof wrong));
    json_object_set(json, "old", side);
    json_object_set(json, "new", side);
    if (!json_fits(schema, json, wrong, sizeof wrong))
        CU_FAIL("the schema does not fit");
    json_decref(side);
    json_decref(json);
    json_decref(schema);
    token_diff_free(diff);
    token_free(old);
    token_free(new);
}

const struct test_suite suite_diff = {
    "diff",
    {{"group and edition", group_and_edition},
     {"who is admitted", who_is_admitted},
     {"near misses of cover", near_misses_of_cover},
     {"multi-valued names are covered", multi_valued_names_are_covered},
     {"a narrowing names what is left", a_narrowing_names_what_is_left},
     {"permissions", permissions},
     {"exclusions", exclusions},
     {"rules for excluded people", rules_for_excluded_people},
     {"folding may join values", folding_may_join_values},
     {"roles", roles},
     {"mechanisms", mechanisms},
     {"preference", preference},
     {"leaving", leaving},
     {"rekeys", rekeys},
     {"rekeys that are not in force", rekeys_that_are_not_in_force},
     {"data", data},
     {"unknown protocols", unknown_protocols},
     {"registrations in another order", registrations_in_another_order},
     {"no token differs from itself", no_token_differs_from_itself},
     {"json fits its schema", json_fits_its_schema},
     {NULL, NULL}}};
