/* SPDX-License-Identifier: Apache-2.0 */
/* The policy that init writes: what was asked, and comments for what comes next. */
#include "token/program/init.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(struct gk_writer *to, const char *text)
{
    gk_write_octets(to, gk_octets_of(text));
}

/* An attribute with a blank before it. Answers are one line each, so that three characters are
 * all that XML minds. */
static void attribute(struct gk_writer *to, const char *name, const char *value)
{
    put(to, " ");
    put(to, name);
    put(to, "=\"");
    for (; *value; value++) {
        if (*value == '&')
            put(to, "&amp;");
        else if (*value == '<')
            put(to, "&lt;");
        else if (*value == '"')
            put(to, "&quot;");
        else
            gk_write_u8(to, (uint8_t)*value);
    }
    put(to, "\"");
}

static void names(struct gk_writer *to, const char *indent, const char *element,
                  const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(to, indent);
        put(to, "<");
        put(to, element);
        attribute(to, "dn", list[i]);
        put(to, "/>\n");
    }
}

static void head(const struct init *init, struct gk_writer *to)
{
    put(to,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<!-- The policy of a group; gsakmp-policy(5) tells all that can stand here, and\n"
        "     `gsakmp-token show` what follows where nothing is said. After a change, raise the\n"
        "     edition, sign (gsakmp-token sign) and hand the signed token to the servers. -->\n"
        "<policy>\n"
        "  <!-- The random part was drawn for this group and belongs to no other, ever. -->\n"
        "  <group");
    attribute(to, "random", init->random);
    attribute(to, "name", init->name);
    put(to, " edition=\"1\"/>\n\n"
            "  <!-- Who certified everybody below. -->\n"
            "  <ca name=\"ca\"");
    attribute(to, "file", init->ca);
    put(to, "/>\n\n");
}

static void senders(const struct init *init, struct gk_writer *to)
{
    if (!init->sender_count) {
        put(to, "    <!-- Every member may send. To let only some:\n"
                "    <senders>\n"
                "      <sender dn=\"CN=*,OU=Cameras,O=Acme\"/>\n"
                "    </senders> -->\n\n");
        return;
    }
    put(to, "    <!-- Only these may send to the group; the others listen. -->\n    <senders>\n");
    names(to, "      ", "sender", init->sender, init->sender_count);
    put(to, "    </senders>\n\n");
}

static void registration(const struct init *init, struct gk_writer *to)
{
    put(to, "  <registration");
    attribute(to, "transport", init->transport);
    put(to, ">\n    <!-- Who serves the group: admits members and changes keys. -->\n");
    names(to, "    ", "gcks", init->gcks, init->gcks_count);
    put(to, "\n");
    senders(init, to);
    put(to,
        "    <access>\n"
        "      <!-- Who may join. A value that is * stands for any; names must otherwise agree\n"
        "           part by part. -->\n");
    names(to, "      ", "allow", init->allow, init->allow_count);
    put(to, "      <!-- Who may not, whatever allows: one line each.\n"
            "      <exclude dn=\"CN=Lost Tablet 7,OU=Members,O=Acme\"/> -->\n"
            "    </access>\n\n"
            "    <!-- The algorithms. Several are in order of preference. -->\n"
            "    <mechanism");
    attribute(to, "suite", init->suite);
    put(to, "/>\n  </registration>\n\n");
}

void init_policy(const struct init *init, struct gk_writer *to)
{
    head(init, to);
    registration(init, to);
    put(to, "  <!-- New keys that often, and at once when somebody leaves or is evicted. -->\n"
            "  <rekey");
    attribute(to, "every", init->every);
    put(to, " after-events=\"1\"/>\n\n"
            "  <!-- One key, for the group's data. -->\n"
            "  <data encryption=\"80000001\"/>\n"
            "</policy>\n");
}
