/* SPDX-License-Identifier: Apache-2.0 */
/* Family 05: rules that parse, and say something else than their author meant. */
#include <string.h>

#include "gsakmp/message.h"
#include "token/lint-who.h"

#define KEY_ID 20 /* octets of a computed key identifier (profile 11.6) */

/* A pair and where it stands. */
struct form {
    struct lint_who *who;
    const struct lint_list *list;
    size_t index;
    struct gk_octets id;
};

static void say(const struct form *form, const char *rule, const char *what)
{
    lint_say(form->who, rule, form->list, form->index, "%s", what);
}

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* --- distinguished names ------------------------------------------------------------------ */

/* A star beside other characters of a value, and not escaped. */
static bool has_literal_star(struct gk_octets text)
{
    size_t start = 0; /* of the value */

    for (size_t i = 0; i < text.size; i++) {
        bool ends = i + 1 == text.size || text.data[i + 1] == ',' || text.data[i + 1] == '+';

        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == ',' || text.data[i] == '+')
            start = 0;
        else if (text.data[i] == '=' && !start)
            start = i + 1;
        else if (text.data[i] == '*' && (i != start || !ends))
            return true;
    }
    return false;
}

static bool is_type(const struct cover_rule *rule, size_t index, const char *const *types)
{
    const char *name = name_short_of(name_type(&rule->name, index));

    for (; name && *types; types++) {
        if (strcmp(name, *types) == 0)
            return true;
    }
    return false;
}

static void judge_name(const struct form *form)
{
    static const char *const roots[] = {"C", "O", "DC", NULL};
    static const char *const leaves[] = {"CN", "UID", NULL};
    struct cover_rule rule;

    if (has_literal_star(form->id))
        say(form, "star-literal", "* is a wildcard only as a whole value; this one is a character");
    cover_rule_make(&rule, &form->list->pairs->at[form->index], false);
    if (rule.name.rdn_count > 1 && is_type(&rule, 0, roots) &&
        is_type(&rule, rule.name.count - 1, leaves))
        say(form, "name-root-first", "the name begins with its root; certificates have it last");
    cover_rule_drop(&rule);
}

/* --- hosts and mailboxes ------------------------------------------------------------------ */

/* RFC 5280 4.2.1.6: labels of letters, digits and hyphens; underscores occur. */
static bool is_host(struct gk_octets text)
{
    size_t label = 0;

    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];

        if (c == '.' ? !label : !is_word(c) && c != '-' && c != '_')
            return false;
        label = c == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label && text.size <= 253;
}

static bool is_numbers(struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '.' && (text.data[i] < '0' || text.data[i] > '9'))
            return false;
    }
    return true;
}

static struct gk_octets from(struct gk_octets text, size_t at)
{
    return gk_octets(text.data + at, text.size - at);
}

static bool has_star(struct gk_octets text)
{
    return text.size && memchr(text.data, '*', text.size);
}

static void judge_host(const struct form *form)
{
    struct gk_octets id = form->id;
    bool wild = id.size > 2 && id.data[0] == '*' && id.data[1] == '.';
    struct gk_octets plain = wild ? from(id, 2) : id;

    if (has_star(plain) && plain.size > 2)
        say(form, "star-literal", "* stands for the first label as a whole, and nowhere else");
    else if (!is_host(plain) || is_numbers(plain))
        say(form, "host-form", "no certificate holds such a host name: it matches nothing");
}

/* Where the last @ stands. */
static size_t find_at(struct gk_octets mailbox)
{
    for (size_t i = mailbox.size; i > 0; i--) {
        if (mailbox.data[i - 1] == '@')
            return i - 1;
    }
    return mailbox.size;
}

static bool is_plain(struct gk_octets text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f || strchr("<>(),;:", text.data[i]))
            return false;
    }
    return text.size > 0;
}

static void judge_mailbox(const struct form *form)
{
    size_t at = find_at(form->id);
    struct gk_octets local = gk_octets(form->id.data, at);
    struct gk_octets domain = at < form->id.size ? from(form->id, at + 1) : GK_NO_OCTETS;
    bool quoted = local.size > 1 && local.data[0] == '"';

    if (has_star(domain) || (has_star(local) && local.size > 1 && !quoted))
        say(form, "star-literal", "* stands for the whole part before the @, and nowhere else");
    else if ((!quoted && !is_plain(local)) || !is_plain(domain) ||
             (domain.data[0] != '[' && !is_host(domain)))
        say(form, "mailbox-form", "no certificate holds such a mailbox: it matches nothing");
}

/* --- addresses and serial numbers --------------------------------------------------------- */

static bool all_are(struct gk_octets octets, uint8_t value)
{
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.data[i] != value)
            return false;
    }
    return true;
}

/* Unspecified, loopback, broadcast, multicast. */
static bool is_no_host(struct gk_octets address)
{
    if (address.size == 4)
        return all_are(address, 0) || address.data[0] == 127 || address.data[0] >= 224;
    return address.size == 16 &&
           (all_are(gk_octets(address.data, 15), 0) ? address.data[15] <= 1
                                                    : address.data[0] == 0xff);
}

/* Is `word` an attribute type as DN Data has it: one of the nine, Email, or dotted? */
static bool is_slash_type(struct gk_octets word)
{
    struct gk_octets oid;
    const char *name;

    if (gk_octets_equal(word, gk_octets_of("Email")) || is_numbers(word))
        return word.size > 0;
    name = name_short_find(word, &oid) ? name_short_of(oid) : NULL;
    return name && gk_octets_equal(word, gk_octets_of(name));
}

/* Each part is TYPE=value; what is between two slashes without one belongs to a value with a
 * slash, which admits nobody (profile 11.7). */
static bool is_slash_name(struct gk_octets text)
{
    size_t at = 0;

    if (!text.size)
        return false;
    while (at < text.size) {
        size_t end = at + 1;
        size_t sign;

        if (text.data[at] != '/')
            return false;
        while (end < text.size && text.data[end] != '/')
            end++;
        for (sign = at + 1; sign < end && text.data[sign] != '=';)
            sign++;
        if (sign == end || !is_slash_type(gk_octets(text.data + at + 1, sign - at - 1)))
            return false;
        at = end;
    }
    return true;
}

static void judge_u_name(const struct form *form)
{
    struct gk_octets serial;
    struct gk_octets name;

    if (!gk_u_name_split(form->id, &serial, &name))
        return; /* refused elsewhere */
    if (name.size > 1 && memmem(name.data, name.size, "=*", 2))
        say(form, "star-literal", "this type has no wildcards; * is a character");
    else if (!is_slash_name(name))
        say(form, "u-name-form",
            "it is not written as /C=US/O=Acme/CN=Ann, or a value holds a slash: it matches "
            "nobody");
}

/* --- all of them -------------------------------------------------------------------------- */

static void judge(const struct form *form)
{
    switch (form->list->pairs->at[form->index].id_type) {
    case GK_ID_DN_STRING:
        judge_name(form);
        return;
    case GK_ID_FQDN:
        judge_host(form);
        return;
    case GK_ID_RFC822_ADDR:
        judge_mailbox(form);
        return;
    case GK_ID_IPV4_ADDR:
    case GK_ID_IPV6_ADDR:
        if (is_no_host(form->id))
            say(form, "address-form", "no host has this address, and addresses have no wildcard");
        return;
    case GK_ID_U_NAME:
        judge_u_name(form);
        return;
    default:
        return;
    }
}

void lint_forms(struct lint_who *who)
{
    struct gk_octets last = GK_NO_OCTETS; /* what was said of a CA is not said again at once */

    for (size_t i = 0; i < who->count; i++) {
        const struct lint_list *list = &who->list[i];

        for (size_t k = 0; k < list->pairs->count; k++) {
            struct form form = {who, list, k, list->pairs->at[k].id};

            judge(&form);
            if (list->pairs->at[k].ca.size != KEY_ID &&
                !(last.data && gk_octets_equal(last, list->pairs->at[k].ca))) {
                last = list->pairs->at[k].ca;
                say(&form, "ca-size",
                    "its CA's identifier has not the 20 octets of one that is computed");
            }
        }
    }
}
