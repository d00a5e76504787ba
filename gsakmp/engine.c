/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

bool gk_address_equal(const struct gk_address *a, const struct gk_address *b)
{
    size_t size = a->family == 4 ? 4 : 16;

    return a->family == b->family && a->port == b->port && a->scope == b->scope &&
           (!a->family || memcmp(a->ip, b->ip, size) == 0);
}

const char *gk_address_format(const struct gk_address *address, char text[GK_ADDRESS_TEXT])
{
    char ip[INET6_ADDRSTRLEN] = "";

    if (!address->family)
        (void)snprintf(text, GK_ADDRESS_TEXT, "nowhere");
    else if (!inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->ip, ip, sizeof ip))
        (void)snprintf(text, GK_ADDRESS_TEXT, "?");
    else if (address->scope && gk_address_is_link_local(address))
        (void)snprintf(text, GK_ADDRESS_TEXT, "[%s%%%u]:%u", ip, address->scope, address->port);
    else
        (void)snprintf(text, GK_ADDRESS_TEXT, address->family == 4 ? "%s:%u" : "[%s]:%u", ip,
                       address->port);
    return text;
}

/* Decimal, 1 to `most`; 0 when it is anything else. */
static uint32_t parse_number(const char *text, uint32_t most)
{
    uint64_t value = 0;

    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        value = value * 10 + (unsigned)(*text - '0');
        if (value > most)
            return 0;
    }
    return (uint32_t)value;
}

static bool parse_port(const char *text, uint16_t *port)
{
    *port = (uint16_t)parse_number(text, UINT16_MAX);
    return *port != 0;
}

static void unmap(struct gk_address *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address->family != 6 || memcmp(address->ip, mapped, sizeof mapped) != 0)
        return;
    address->family = 4;
    memmove(address->ip, address->ip + 12, 4);
    memset(address->ip + 4, 0, 12);
}

/* The address without its port; `ip` may be cut. */
static bool parse_ip(char *ip, struct gk_address *address)
{
    char *scope = strchr(ip, '%');

    if (scope)
        *scope++ = '\0';
    if (inet_pton(AF_INET, ip, address->ip) == 1)
        address->family = 4;
    else if (inet_pton(AF_INET6, ip, address->ip) == 1)
        address->family = 6;
    else
        return false;
    unmap(address);
    if (!scope)
        return true;
    address->scope = parse_number(scope, INT32_MAX);
    return address->scope && gk_address_is_link_local(address);
}

bool gk_address_parse(const char *text, uint16_t port, struct gk_address *address)
{
    char copy[GK_ADDRESS_TEXT];
    char *ip = copy;
    char *colon;

    *address = (struct gk_address){.port = port};
    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    if (*ip == '[') {
        char *end = strchr(++ip, ']');

        if (!end || (end[1] && end[1] != ':'))
            return false;
        *end = '\0';
        if (end[1] && !parse_port(end + 2, &address->port))
            return false;
    } else if ((colon = strchr(ip, ':')) && !strchr(colon + 1, ':')) {
        *colon = '\0';
        if (!parse_port(colon + 1, &address->port))
            return false;
    }
    return parse_ip(ip, address) && address->port;
}

bool gk_address_is_link_local(const struct gk_address *address)
{
    const uint8_t *ip = address->ip;

    if (address->family != 6)
        return false;
    return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) ||
           (ip[0] == 0xff && ((ip[1] & 15) == 1 || (ip[1] & 15) == 2));
}

bool gk_address_is_multicast(const struct gk_address *address)
{
    return (address->family == 4 && address->ip[0] >> 4 == 14) ||
           (address->family == 6 && address->ip[0] == 0xff);
}

/* Grows by powers of two, so that a long turn costs no more than its length. */
static void *append(void *array, size_t *count, size_t size)
{
    if ((*count & (*count - 1)) == 0)
        array = gk_realloc(array, *count ? *count * 2 : 1, size);
    memset((char *)array + *count * size, 0, size);
    (*count)++;
    return array;
}

void gk_turn_send(struct gk_turn *turn, const struct gk_peer *to, struct gk_octets octets)
{
    turn->sends = append(turn->sends, &turn->send_count, sizeof *turn->sends);
    turn->sends[turn->send_count - 1] = (struct gk_send){*to, gk_secret_copy(octets)};
}

static struct gk_record *add_record(struct gk_turn *turn, struct gk_octets key)
{
    uint8_t *copy = gk_alloc(key.size, 1);

    memcpy(copy, key.data, key.size);
    turn->records = append(turn->records, &turn->record_count, sizeof *turn->records);
    turn->records[turn->record_count - 1].key = gk_octets(copy, key.size);
    return &turn->records[turn->record_count - 1];
}

void gk_turn_record(struct gk_turn *turn, struct gk_octets key, struct gk_octets value)
{
    add_record(turn, key)->value = gk_secret_copy(value);
}

void gk_turn_record_gone(struct gk_turn *turn, struct gk_octets key)
{
    add_record(turn, key)->gone = true;
}

void gk_turn_notice(struct gk_turn *turn, enum gk_level level, const char *code,
                    uint16_t notification, const char *format, ...)
{
    struct gk_notice *notice;
    va_list list;

    turn->notices = append(turn->notices, &turn->notice_count, sizeof *turn->notices);
    notice = &turn->notices[turn->notice_count - 1];
    notice->level = level;
    notice->code = code;
    notice->notification = notification;
    va_start(list, format);
    (void)vsnprintf(notice->text, sizeof notice->text, format, list);
    va_end(list);
}

void gk_turn_job(struct gk_turn *turn, struct gk_job *job)
{
    turn->jobs = append(turn->jobs, &turn->job_count, sizeof(struct gk_job *));
    turn->jobs[turn->job_count - 1] = job;
}

void gk_turn_free(struct gk_turn *turn)
{
    for (size_t i = 0; i < turn->send_count; i++)
        gk_secret_free(&turn->sends[i].octets);
    for (size_t i = 0; i < turn->record_count; i++) {
        free((void *)(uintptr_t)turn->records[i].key.data);
        gk_secret_free(&turn->records[i].value);
    }
    for (size_t i = 0; i < turn->job_count; i++)
        turn->jobs[i]->drop(turn->jobs[i]);
    free(turn->sends);
    free(turn->records);
    free(turn->notices);
    free(turn->jobs);
    *turn = (struct gk_turn){0};
}
