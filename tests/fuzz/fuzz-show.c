/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a token says, `show --format xml` says as a policy source that compiles to the same
 * token, and `show --format html` as a page that holds nothing but text and drawings.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/token/page.h"
#include "token/der.h"
#include "token/render-html.h"
#include "token/render-xml.h"
#include "token/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void page_of(const struct token *token)
{
    struct gk_writer page = {0};
    char what[120] = "it is no XML";
    xmlDoc *doc;
    bool good;

    token_show_html(token, &(struct html_origin){"fuzzed", false, NULL}, &page);
    doc = page_read(gk_writer_octets(&page));
    good = doc && page_harmless(doc, gk_writer_octets(&page), what, sizeof what);
    if (!good)
        (void)printf("%s\n", what);
    must(good);
    xmlFreeDoc(doc);
    gk_writer_free(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token *token = token_from_der(gk_octets(data, size), NULL);
    struct gk_writer once = {0};
    struct gk_writer xml = {0};
    struct gk_writer twice = {0};
    struct gk_reason why;
    struct token *again;

    if (!token)
        return 0;
    must(token_to_der(token, &once, &why));
    token_show_xml(token, &xml);
    again = source_read(gk_writer_octets(&xml), "a.xml", NULL, &why);
    must(again);
    must(token_to_der(again, &twice, &why));
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    page_of(token);
    token_free(again);
    token_free(token);
    gk_writer_free(&once);
    gk_writer_free(&xml);
    gk_writer_free(&twice);
    return 0;
}
