/* SPDX-License-Identifier: Apache-2.0 */
#include "token/kind.h"

#include <string.h>

#include "token/der.h"
#include "token/token.h"

static bool begins(struct gk_octets octets, const char *text)
{
    size_t size = strlen(text);

    return octets.size >= size && memcmp(octets.data, text, size) == 0;
}

/* SignedData begins with its OID (RFC 5652 3); a token begins with a SEQUENCE. */
static enum token_kind der_kind(struct gk_octets octets)
{
    static const uint8_t signed_data[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                          0xf7, 0x0d, 0x01, 0x07, 0x02};
    size_t head = octets.size < 16 ? octets.size : 16;
    struct token *token;

    if (memmem(octets.data, head, signed_data, sizeof signed_data))
        return TOKEN_KIND_SIGNED;
    token = octets.size <= TOKEN_MAX ? token_from_der(octets, NULL) : NULL;
    token_free(token);
    return token ? TOKEN_KIND_UNSIGNED : TOKEN_KIND_DER;
}

static struct gk_octets skip_blanks(struct gk_octets octets)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    size_t at = begins(octets, byte_order_mark) ? 3 : 0;

    while (at < octets.size && strchr(" \t\r\n", octets.data[at]) && octets.data[at])
        at++;
    return gk_octets(octets.data + at, octets.size - at);
}

enum token_kind token_kind_of(struct gk_octets octets)
{
    struct gk_octets text;

    if (!octets.size)
        return TOKEN_KIND_EMPTY;
    if (octets.data[0] == 0x30)
        return der_kind(octets);
    text = skip_blanks(octets);
    if (begins(text, "<"))
        return TOKEN_KIND_SOURCE;
    if (begins(text, "{"))
        return TOKEN_KIND_ANNOUNCEMENT;
    return begins(text, "-----BEGIN ") ? TOKEN_KIND_PEM : TOKEN_KIND_OTHER;
}

const char *token_kind_name(enum token_kind kind)
{
    switch (kind) {
    case TOKEN_KIND_EMPTY:
        return "empty";
    case TOKEN_KIND_SOURCE:
        return "a policy source (gsakmp-token sign compiles and signs it)";
    case TOKEN_KIND_ANNOUNCEMENT:
        return "an announcement (gsakmp-token announce --show shows it)";
    case TOKEN_KIND_PEM:
        return "PEM text, as of a certificate or key";
    case TOKEN_KIND_SIGNED:
        return "a signed token";
    case TOKEN_KIND_UNSIGNED:
        return "a token that nobody has signed (gsakmp-token sign does)";
    case TOKEN_KIND_DER:
        return "DER of another kind";
    case TOKEN_KIND_OTHER:
        break;
    }
    return "none that gsakmp knows";
}

bool token_kind_explain(struct gk_octets octets, enum token_kind wanted, const char *expected,
                        struct gk_reason *why)
{
    enum token_kind kind = token_kind_of(octets);

    if (why && kind != wanted && kind != TOKEN_KIND_OTHER && kind != TOKEN_KIND_DER)
        return gk_refuse(why, why->notification, GK_NO_OFFSET, why->code, "this is %s; expected %s",
                         token_kind_name(kind), expected);
    return false;
}
