/* SPDX-License-Identifier: Apache-2.0 */
/* Group announcements: what is written is read, the fingerprint is of what is said and not of
 * how, and nothing else is taken. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors.h"
#include "token/announce.h"

/* One with everything in it. */
static struct announcement *sample(void)
{
    struct announcement *made = gk_alloc(1, sizeof *made);

    CU_ASSERT_TRUE(gk_group_set(&made->group, 2, vector_octets("group/value"), NULL));
    made->has_least_edition = true;
    made->least_edition = 7;
    made->mechanism = gk_suite_named("recommended")->mechanism;
    made->owner = gk_strdup("CN=\xc3\x84nne,O=Acme,C=US");
    memset(made->owner_fingerprint, 0x5a, sizeof made->owner_fingerprint);
    made->root[made->root_count++] = gk_secret_copy(vector_octets("entities/root/certificate"));
    made->root[made->root_count++] = gk_secret_copy(vector_octets("entities/inter/certificate"));
    made->server[made->server_count++] =
        (struct announcement_server){gk_strdup("gcks.example.org"), 3761, false};
    made->server[made->server_count++] =
        (struct announcement_server){gk_strdup("2001:db8::1"), 65535, true};
    made->rekey[made->rekey_count++] = (struct announcement_rekey){gk_strdup("239.1.2.3"), 3762};
    return made;
}

static char *written(const struct announcement *announcement)
{
    struct gk_writer to = {0};
    struct gk_reason why = {0};

    if (!announcement_write(announcement, &to, &why))
        printf("\n    %s", why.text);
    gk_write_u8(&to, 0);
    return (char *)gk_writer_take(&to).data;
}

static bool takes(const char *text, const char *part)
{
    struct gk_reason why = {0};
    struct announcement *read = announcement_read(gk_octets_of(text), &why);
    bool taken = read != NULL;

    if (!taken && part && !strstr(why.text, part)) {
        printf("\n    %s; not about: %s", why.text, part);
        CU_FAIL("refused for another reason");
    }
    announcement_free(read);
    return taken;
}

static void what_is_written_is_read(void)
{
    struct announcement *made = sample();
    char *text = written(made);
    struct announcement *read = announcement_read(gk_octets_of(text), NULL);
    char *again;

    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    CU_ASSERT_TRUE(gk_group_equal(&read->group, &made->group));
    CU_ASSERT_TRUE(read->has_least_edition);
    CU_ASSERT_EQUAL(read->least_edition, 7);
    CU_ASSERT_TRUE(gk_mechanism_equal(&read->mechanism, &made->mechanism));
    CU_ASSERT_STRING_EQUAL(read->owner, made->owner);
    CU_ASSERT_EQUAL(read->owner_fingerprint[31], 0x5a);
    CU_ASSERT_EQUAL_FATAL(read->root_count, 2);
    CU_ASSERT_HEX(gk_secret_octets(&read->root[1]), vector_text("entities/inter/certificate"));
    CU_ASSERT_EQUAL_FATAL(read->server_count, 2);
    CU_ASSERT_STRING_EQUAL(read->server[0].host, "gcks.example.org");
    CU_ASSERT_FALSE(read->server[0].tcp);
    CU_ASSERT_EQUAL(read->server[1].port, 65535);
    CU_ASSERT_TRUE(read->server[1].tcp);
    CU_ASSERT_EQUAL_FATAL(read->rekey_count, 1);
    CU_ASSERT_STRING_EQUAL(read->rekey[0].address, "239.1.2.3");
    CU_ASSERT_EQUAL(read->rekey[0].port, 3762);
    again = written(read);
    CU_ASSERT_STRING_EQUAL(text, again);
    free(again);
    free(text);
    announcement_free(read);
    announcement_free(made);
}

static void fingerprint_of(const char *text, char to[ANNOUNCEMENT_FINGERPRINT_TEXT])
{
    struct announcement *read = announcement_read(gk_octets_of(text), NULL);

    to[0] = '\0';
    CU_ASSERT_PTR_NOT_NULL(read);
    if (read)
        announcement_fingerprint(read, to);
    announcement_free(read);
}

/* Without the blanks between values, which strings of an announcement do not end with. */
static char *squeezed(const char *text)
{
    char *to = gk_strdup(text);
    char *at = to;
    bool quoted = false;

    for (; *text; text++) {
        quoted ^= *text == '"';
        if (quoted || (*text != ' ' && *text != '\n'))
            *at++ = *text;
    }
    *at = '\0';
    return to;
}

static void fingerprint_ignores_the_layout(void)
{
    char one[ANNOUNCEMENT_FINGERPRINT_TEXT];
    char two[ANNOUNCEMENT_FINGERPRINT_TEXT];
    struct announcement *made = sample();
    char *text = written(made);
    char *flat = squeezed(text);

    CU_ASSERT_STRING_NOT_EQUAL(text, flat);
    fingerprint_of(text, one);
    fingerprint_of(flat, two);
    CU_ASSERT_EQUAL(strlen(one), 79);
    CU_ASSERT_EQUAL(strspn(one, "0123456789ABCDEF "), 79);
    CU_ASSERT_STRING_EQUAL(one, two);
    free(flat);
    free(text);
    announcement_free(made);
}

/* Anything that is said changes the fingerprint. */
static void fingerprint_covers_all(void)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"\"type\": 2", "\"type\": 2 "}, /* the layout again: the one that does not */
        {"\"least-edition\": 7", "\"least-edition\": 8"},
        {"a1a2", "a1a3"},
        {"\"nonce-hash\": 49153", "\"nonce-hash\": 1"},
        {"\"signature\": 49153", "\"signature\": 49154"},
        {"\"key-creation\": 49153", "\"key-creation\": 2"},
        {"\"key-wrap\": 49154", "\"key-wrap\": 49153"},
        {"nne,O", "nna,O"},
        {"5a5a5a", "5a5a5b"},
        {"gcks.example.org", "gcks.example.com"},
        {"3761", "3763"},
        {"\"udp\"", "\"tcp\""},
        {"239.1.2.3", "239.1.2.4"},
        {"3762", "3760"},
    };
    struct announcement *made = sample();
    char *text = written(made);
    char first[ANNOUNCEMENT_FINGERPRINT_TEXT];

    fingerprint_of(text, first);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *at = strstr(text, changes[i].from);
        char changed[ANNOUNCEMENT_FINGERPRINT_TEXT];
        char *other;

        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        other = gk_format("%.*s%s%s", (int)(at - text), text, changes[i].to,
                          at + strlen(changes[i].from));
        fingerprint_of(other, changed);
        CU_ASSERT_EQUAL(strcmp(first, changed) == 0, i == 0);
        free(other);
    }
    free(text);
    announcement_free(made);
}

static void bad_values_are_refused(void)
{
    static const struct {
        const char *from, *to, *why;
    } changes[] = {
        {"\"gsakmp-announcement\": 1", "\"gsakmp-announcement\": 2", "gsakmp-announcement"},
        {"\"gsakmp-announcement\": 1,", "", "list of keys"},
        {"\"gsakmp-announcement\": 1", "\"gsakmp-announcement\": 1, \"more\": 1", "list of keys"},
        {"\"gsakmp-announcement\": 1", "\"rekey\": [], \"gsakmp-announcement\": 1", "line"},
        {"\"type\": 2", "\"type\": 5", "5"},
        {"\"type\": 2", "\"type\": 3", ""},
        {"\"type\": 2", "\"type\": \"2\"", "type"},
        {"\"type\": 2", "\"type\": 2.0", "type"},
        {"\"type\": 2", "\"type\": 2, \"kind\": 1", "group"},
        {"\"least-edition\": 7", "\"least-edition\": 0", "least-edition"},
        {"\"least-edition\": 7", "\"least-edition\": 9223372036854775808", "line"},
        {"a1a2", "a1a", "group value"},
        {"\"signature\": 49153", "\"signature\": 65536", "signature"},
        {"\"signature\": 49153", "\"signature\": -1", "signature"},
        {"\"signature\": 49153,", "", "signature"},
        {"\"name\": \"", "\"name\": \"\\n", "owner name"},
        {"\"name\": \"", "\"name\": \"\\u0000", "line"},
        {"5a5a", "5a", "certificate-sha256"},
        {"5a5a", "5a5a5a", "certificate-sha256"},
        {"BEGIN CERTIFICATE", "BEGIN PRIVATE KEY", "root"},
        {"-----BEGIN CERT", "x-----BEGIN CERT", "root"},
        {"MII", "AII", "root"},
        {"gcks.example.org", "", "server host"},
        {"gcks.example.org", "gcks example", "server host"},
        {"gcks.example.org", "-gcks", "server host"},
        {"3761", "0", "port"},
        {"3761", "65536", "port"},
        {"\"udp\"", "\"sctp\"", "transport"},
        {"\"udp\"", "\"\"", "transport"},
        {"239.1.2.3", "all-hosts.mcast.net", "rekey address"},
        {"3762", "true", "port"},
        {"\"address\"", "\"host\"", "rekey"},
    };
    struct announcement *made = sample();
    char *text = written(made);

    CU_ASSERT_TRUE(takes(text, NULL));
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *at = strstr(text, changes[i].from);
        char *other;

        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        other = gk_format("%.*s%s%s", (int)(at - text), text, changes[i].to,
                          at + strlen(changes[i].from));
        if (takes(other, changes[i].why))
            CU_FAIL("taken");
        free(other);
    }
    free(text);
    announcement_free(made);
}

static void foreign_octets_are_refused(void)
{
    struct announcement *made = sample();
    char *text = written(made);

    CU_ASSERT_FALSE(takes("", "size"));
    CU_ASSERT_FALSE(takes("[]", "list of keys"));
    CU_ASSERT_FALSE(takes("{}", "list of keys"));
    CU_ASSERT_FALSE(takes("{\"gsakmp-announcement\": 1, ", "line"));
    CU_ASSERT_FALSE(takes("\xff", "line"));
    for (size_t size = 1; size + 2 < strlen(text); size++) {
        struct announcement *read = announcement_read(gk_octets(text, size), NULL);

        if (read)
            CU_FAIL("a cut announcement was taken");
        announcement_free(read);
    }
    free(text);
    announcement_free(made);
}

static void refuses_to_write(struct announcement *made)
{
    struct gk_writer to = {0};

    CU_ASSERT_FALSE(announcement_write(made, &to, NULL));
    CU_ASSERT_EQUAL(to.size, 0);
    gk_writer_free(&to);
    announcement_free(made);
}

static void what_would_not_be_read_is_not_written(void)
{
    struct announcement *made = sample();

    made->group.type = 9;
    refuses_to_write(made);
    made = sample();
    made->server[0].port = 0;
    refuses_to_write(made);
    made = sample();
    made->server[0].host[0] = '*';
    refuses_to_write(made);
    made = sample();
    made->rekey[0].address[0] = 'x';
    refuses_to_write(made);
    made = sample();
    made->owner[0] = '\n';
    refuses_to_write(made);
    made = sample();
    made->root[0].data[0] ^= 1;
    refuses_to_write(made);
}

static void lists_are_bounded(void)
{
    struct announcement *made = sample();
    char *text = written(made);
    char *at = strstr(text, "{\n      \"address\"");
    struct gk_writer many = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    for (int i = 1; i <= ANNOUNCEMENT_REKEYS + 1; i++) {
        gk_writer_cut(&many, 0);
        gk_write(&many, text, (size_t)(at - text));
        for (int j = 1; j < i; j++)
            gk_write_octets(&many, gk_octets_of("{\"address\": \"::1\", \"port\": 1}, "));
        gk_write_octets(&many, gk_octets_of(at));
        gk_write_u8(&many, 0);
        CU_ASSERT_EQUAL(takes((const char *)many.data, "rekey addresses"),
                        i <= ANNOUNCEMENT_REKEYS);
    }
    gk_writer_free(&many);
    free(text);
    announcement_free(made);
}

const struct test_suite suite_announce = {
    "announce",
    {
        {"what is written is read", what_is_written_is_read},
        {"fingerprint ignores the layout", fingerprint_ignores_the_layout},
        {"fingerprint covers all", fingerprint_covers_all},
        {"bad values are refused", bad_values_are_refused},
        {"foreign octets are refused", foreign_octets_are_refused},
        {"what would not be read is not written", what_would_not_be_read_is_not_written},
        {"lists are bounded", lists_are_bounded},
        {NULL, NULL},
    }};
