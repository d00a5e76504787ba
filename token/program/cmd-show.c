/* SPDX-License-Identifier: Apache-2.0 */
/* show: what a source, a token or a signed token says. */
#include "token/program/program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "token/json.h"
#include "token/name.h"
#include "token/der.h"
#include "token/render-html.h"
#include "token/render-json.h"
#include "token/render-text.h"
#include "token/render-xml.h"

#define NAME_ROOM 1024

static json_t *text_of(struct gk_octets octets)
{
    char room[NAME_ROOM];

    return json_string(gk_escape(room, sizeof room, octets));
}

static void signer_name(const struct cms *cms, struct gk_writer *to)
{
    if (!name_of_certificate(cms->signer, to, NULL))
        gk_write_octets(to, gk_octets_of("a certificate without a usable name"));
}

/* What the envelope says. That the signer is the owner is for verify to say. */
static void show_envelope(const struct cms *cms, struct gk_writer *to)
{
    char stamp[GK_STAMP_SIZE + 1];
    char name[NAME_ROOM];
    struct gk_writer signer = {0};
    char *line;

    signer_name(cms, &signer);
    gk_stamp_format(cms->signing_time, stamp);
    line =
        gk_format("signed by %s\n  with %s at %s\n  the signature fits the certificate; "
                  "whether it is the owner's, verify says\n",
                  gk_escape(name, sizeof name, gk_writer_octets(&signer)), cms->algorithm, stamp);
    gk_write_octets(to, gk_octets_of(line));
    gk_writer_free(&signer);
    free(line);
}

static json_t *envelope_json(const struct cms *cms)
{
    char stamp[GK_STAMP_SIZE + 1];
    struct gk_writer signer = {0};
    json_t *envelope;

    signer_name(cms, &signer);
    gk_stamp_format(cms->signing_time, stamp);
    envelope = json_pack("{s:o, s:s, s:s, s:I}", "signer", text_of(gk_writer_octets(&signer)),
                         "algorithm", cms->algorithm, "signing-time", stamp, "certificates",
                         (json_int_t)cms->certificate_count);
    gk_writer_free(&signer);
    return envelope;
}

static void show_json(const struct token *token, const struct cms *cms, struct gk_writer *to)
{
    json_t *root = token_show_json(token);

    if (cms)
        token_json_set(root, "signature", envelope_json(cms));
    token_json_write(root, 2, to);
}

enum format { TEXT, JSON, XML, HTML };

static bool render(const char *path, struct gk_octets file, enum format format,
                   struct gk_writer *to, struct gk_reason *why)
{
    bool is_signed = token_kind_of(file) == TOKEN_KIND_SIGNED;
    struct cms cms;
    struct html_origin origin = {.name = path, .cms = is_signed ? &cms : NULL};
    struct token *token;

    origin.source = !is_signed && token_kind_of(file) != TOKEN_KIND_UNSIGNED;
    if (is_signed && !cms_verify(&cms, file, why))
        return false;
    token = is_signed ? token_from_der(cms.content, why) : token_of(path, file, why);
    if (!token || !token_fits(token, why)) {
        token_free(token);
        return false;
    }
    if (format == XML) {
        token_show_xml(token, to);
    } else if (format == HTML) {
        token_show_html(token, &origin, to);
    } else if (format == JSON) {
        show_json(token, is_signed ? &cms : NULL, to);
    } else {
        if (is_signed)
            show_envelope(&cms, to);
        token_show_text(token, to);
    }
    token_free(token);
    return true;
}

/* Terminals take orders in C1 characters (0xc2 0x80 to 0xc2 0x9f), and names are others' text: by
 * reference they say the same in XML, and nowhere else do they come through. */
static void quiet(struct gk_writer *text)
{
    struct gk_writer to = {0};

    for (size_t i = 0; i < text->size; i++) {
        const uint8_t *at = text->data + i;

        if (at[0] == 0xc2 && i + 1 < text->size && at[1] >= 0x80 && at[1] < 0xa0) {
            char *reference = gk_format("&#%u;", (unsigned)at[1]);

            gk_write_octets(&to, gk_octets_of(reference));
            free(reference);
            i++;
        } else {
            gk_write_u8(&to, at[0]);
        }
    }
    gk_writer_free(text);
    *text = to;
}

static int show(const char *path, enum format format)
{
    struct gk_reason why = {0};
    struct gk_secret file = {0};
    struct gk_writer to = {0};
    int status;

    if (load_file(path, &file, &why) && render(path, gk_secret_octets(&file), format, &to, &why)) {
        if (format >= XML && isatty(STDOUT_FILENO))
            quiet(&to);
        status = deliver(NULL, gk_writer_octets(&to), &why);
    } else {
        status = complain_of(path, &why);
    }
    gk_writer_free(&to);
    gk_secret_free(&file);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static const char *const formats[] = {"text", "json", "xml", "html"};
    enum format format = TEXT;
    int option;

    while ((option = getopt_long(argc, argv, "f:h", options, NULL)) != -1) {
        if (option == 'h')
            return help(&command_show);
        if (option != 'f')
            return misused(&command_show, "an option is wrong");
        for (format = TEXT; format <= HTML && strcmp(formats[format], optarg) != 0;)
            format++;
        if (format > HTML)
            return misused(&command_show, "%s is no format", optarg);
    }
    if (argc - optind != 1)
        return misused(&command_show, "one file is needed");
    return show(argv[optind], format);
}

const struct command command_show = {
    "show", "what a source, token or signed token says",
    "Usage: gsakmp-token show [--format text|json|xml|html] FILE\n"
    "Shows what a policy source, a token or a signed token says. Of a signed token the\n"
    "signature is checked, but not whose it is: that is for verify.\n\n"
    "  -f, --format FORMAT   text (default); json, as gsakmp-token.schema.json describes it;\n"
    "                        xml, a policy source that compiles to the same token; or\n"
    "                        html, a page with a picture, for browsers and printers\n",
    run};
