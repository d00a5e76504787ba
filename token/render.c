/* SPDX-License-Identifier: Apache-2.0 */
#include "token/render.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "token/protocol.h"
#include "token/render-internal.h"

const char *token_id_name(int64_t type)
{
    return type < 0 || type > UINT8_MAX ? "out of range"
                                        : gk_registry_name(GK_REGISTRY_ID, (uint32_t)type);
}

bool token_printable(struct gk_octets value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < 0x20 || value.data[i] > 0x7e)
            return false;
    }
    return value.size;
}

static void say(struct gk_writer *to, const char *format, ...) GK_PRINTF(2, 3);
static void say(struct gk_writer *to, const char *format, ...)
{
    char text[64];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    gk_write_octets(to, gk_octets_of(text));
}

void token_render_span(int64_t seconds, struct gk_writer *to)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    const char *before = "";

    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (seconds < units[i].size)
            continue;
        say(to, "%s%" PRId64 " %s", before, seconds / units[i].size, units[i].name);
        seconds %= units[i].size;
        before = " ";
    }
}

/* Below a minute and below zero only the seconds. */
static void render_interval(int64_t seconds, struct gk_writer *to)
{
    say(to, "%" PRId64 " s", seconds);
    if (seconds < 60)
        return;
    say(to, " (");
    token_render_span(seconds, to);
    say(to, ")");
}

void token_render_life(const struct token_life *life, struct gk_writer *to)
{
    char stamp[GK_STAMP_SIZE + 1];

    if (life->kind == TOKEN_LIFE_INTERVAL) {
        render_interval(life->value, to);
        return;
    }
    gk_stamp_format(life->value, stamp);
    say(to, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s UTC%s", stamp, stamp + 4, stamp + 6, stamp + 8,
        stamp + 10, stamp + 12, life->kind == TOKEN_LIFE_UTC ? " (UTCTime)" : "");
}

void token_render_number(struct token_sink *sink, const char *key, const char *label,
                         enum gk_registry registry, int64_t value)
{
    bool fits = value >= 0 && value <= UINT16_MAX;

    sink->number(sink, key, label, value,
                 fits ? gk_registry_name(registry, (uint32_t)value) : "out of range");
}

void token_render_transport(struct token_sink *sink, enum token_transport transport)
{
    static const char *const names[] = {"tcp", "udp", "udpRTJtcpOther"};

    sink->text(sink, "transport", "transport", names[transport]);
}

static void render_content(const struct token_protocol *protocol, struct token_sink *sink)
{
    switch (protocol->kind) {
    case TOKEN_PROTOCOL_REGISTER:
        token_render_register(protocol->registration, sink);
        break;
    case TOKEN_PROTOCOL_DEREGISTER:
        token_render_deregister(protocol->deregistration, sink);
        break;
    case TOKEN_PROTOCOL_REKEY:
        token_render_rekey(protocol->rekey, sink);
        break;
    case TOKEN_PROTOCOL_DATA:
        token_render_data(protocol->data, sink);
        break;
    case TOKEN_PROTOCOL_OPAQUE:
        sink->hex(sink, "protocolInfo", "content", protocol->info);
        break;
    case TOKEN_PROTOCOL_NONE:
        break;
    }
}

static void render_protocol(const struct token_protocol *protocol, const char *key,
                            const char *label, struct token_sink *sink)
{
    const struct token_protocol_row *row = token_protocol_row(protocol->kind);

    if (protocol->kind == TOKEN_PROTOCOL_NONE) {
        sink->none(sink, key, label);
        return;
    }
    sink->open(sink, key, label);
    sink->oid(sink, "protocol", "protocol", row ? row->oid : protocol->oid,
              row ? row->name : "not known to this version");
    if (protocol->erratum)
        sink->oid(sink, "erratum", "read under", row->erratum, "an erratum of RFC 4534's module");
    render_content(protocol, sink);
    sink->close(sink);
}

static void render_protocols(const struct token_protocol *at, size_t count, const char *key,
                             const char *label, struct token_sink *sink)
{
    sink->list(sink, key, label, count);
    for (size_t i = 0; i < count; i++)
        render_protocol(&at[i], NULL, label, sink);
    sink->close(sink);
}

void token_render(const struct token *token, struct token_sink *sink)
{
    sink->number(sink, "tokenDefVersion", "policy token version", token->version, NULL);
    sink->octets(sink, "groupName", "group name", token->group_name);
    if (token->has_edition)
        sink->number(sink, "edition", "edition", token->edition, NULL);
    else
        sink->none(sink, "edition", "edition");
    sink->list(sink, "registration", "registration", token->registration_count);
    for (size_t i = 0; i < token->registration_count; i++) {
        sink->open(sink, NULL, "registration");
        render_protocol(&token->registrations[i].join, "register", "joining", sink);
        render_protocol(&token->registrations[i].leave, "de-register", "leaving", sink);
        sink->close(sink);
    }
    sink->close(sink);
    render_protocols(token->rekeys, token->rekey_count, "rekey", "rekey", sink);
    render_protocols(token->datas, token->data_count, "data", "group data", sink);
}
