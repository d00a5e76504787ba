/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of 10 to 1,000 access rules, in what the owner's tool does with them. Beside each stands
 * the SHA-256 of the token's DER, which grows as the token does: a ratio that rises with the rules
 * tells of a step that costs more than in proportion.
 */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "gsakmp/digest.h"
#include "roles/lint.h"
#include "token/der.h"
#include "token/finding.h"
#include "token/render-html.h"
#include "token/render-text.h"
#include "token/source.h"

struct material {
    struct gk_writer source, der;
    struct token *token;
    struct gk_writer shown;
};

static struct gk_writer source_of(unsigned rules)
{
    struct gk_writer to = {0};
    static const char head[] =
        "<policy><group random=\"41c7e0b2965d38fa\" name=\"bench\" edition=\"1\"/>"
        "<ca name=\"a\" key-id=\"907b3f2cdaf33d479a34b5feaa9264aab5f5852c\"/>"
        "<registration transport=\"udp\"><gcks dn=\"CN=GCKS,O=Acme\"/><access>";
    static const char tail[] = "</access></registration><rekey every=\"1 h\" interval=\"2 h\"/>"
                               "<data encryption=\"80000001\"/></policy>";

    gk_write_octets(&to, gk_octets_of(head));
    for (unsigned i = 0; i < rules; i++) {
        char *rule = gk_format("<allow dn=\"CN=M%u,O=Acme\"/>", i);

        gk_write_octets(&to, gk_octets_of(rule));
        free(rule);
    }
    gk_write_octets(&to, gk_octets_of(tail));
    return to;
}

static struct material material_of(unsigned rules)
{
    struct material material = {.source = source_of(rules)};

    material.token = source_read(gk_writer_octets(&material.source), "bench", NULL, NULL);
    bench_check(material.token);
    bench_check(token_to_der(material.token, &material.der, NULL));
    return material;
}

static void drop(struct material *material)
{
    token_free(material->token);
    gk_writer_free(&material->source);
    gk_writer_free(&material->der);
    gk_writer_free(&material->shown);
}

/* --- what is done with it -------------------------------------------------------------- */

static void compile(struct material *material)
{
    struct token *token = source_read(gk_writer_octets(&material->source), "bench", NULL, NULL);

    bench_check(token && token_to_der(token, &material->shown, NULL));
    bench_check(material->shown.size == material->der.size);
    token_free(token);
}

static void read(struct material *material)
{
    struct token *token = token_from_der(gk_writer_octets(&material->der), NULL);

    bench_check(token);
    token_free(token);
}

static void show(struct material *material)
{
    token_show_text(material->token, &material->shown);
    bench_check(material->shown.size > material->der.size);
}

static void show_html(struct material *material)
{
    token_show_html(material->token, &(struct html_origin){"bench", true, NULL}, &material->shown);
    bench_check(material->shown.size > material->der.size);
}

static void lint(struct material *material)
{
    struct findings findings = {0};

    lint_token(material->token, &(struct lint_context){.now = 0}, &findings);
    bench_check(findings_count(&findings, FINDING_ERROR) == 0);
    findings_free(&findings);
}

/* --- rounds ------------------------------------------------------------------------------ */

static void measure(struct bench_figure *figure, struct material *material,
                    void (*work)(struct material *material), bool counts)
{
    struct bench_watch cost = {0}, raw = {0};
    uint8_t digest[GK_SHA256_SIZE];

    for (unsigned i = 0; i < figure->operations; i++) {
        gk_writer_cut(&material->shown, 0);
        bench_start(&cost);
        work(material);
        bench_stop(&cost);
        bench_start(&raw);
        gk_sha256(gk_writer_octets(&material->der), digest);
        bench_stop(&raw);
    }
    if (counts)
        bench_round(figure, &cost, &raw);
}

void bench_policies(struct bench_report *report, unsigned rules, const struct bench_size *size)
{
    static const struct {
        const char *id, *title;
        void (*work)(struct material *material);
    } works[] = {
        {"compile", "read the source, write DER", compile},
        {"read", "read DER", read},
        {"show", "as text", show},
        {"show-html", "as a page", show_html},
        {"lint", "all rules of lint", lint},
    };
    struct material material = material_of(rules);

    for (size_t k = 0; k < sizeof works / sizeof *works; k++) {
        struct bench_figure *figure = bench_figure_new(report, "token", "SHA-256 of the DER");

        (void)snprintf(figure->id, sizeof figure->id, "policy-%s-%u", works[k].id, rules);
        (void)snprintf(figure->title, sizeof figure->title, "%u rules: %s", rules, works[k].title);
        figure->operations = size->operations;
        for (unsigned i = 0; i <= size->rounds; i++)
            measure(figure, &material, works[k].work, i > 0);
        bench_count_add(figure, "rules", rules);
        bench_count_add(figure, "octets", (double)material.der.size);
    }
    drop(&material);
}
