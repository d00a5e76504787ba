/* SPDX-License-Identifier: Apache-2.0 */
#include "token/der-read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool der_ok(const struct der_in *in)
{
    return !in->failed;
}

/* "rekey[0].rekeyMethod" */
static void print_path(const struct der_in *in, char *to, size_t room)
{
    size_t at = 0;

    to[0] = '\0';
    for (size_t i = 0; i < in->depth && at < room; i++) {
        const char *name = in->path[i].name;

        if (name && *name)
            at += (size_t)snprintf(to + at, room - at, "%s%s", at ? "." : "", name);
        else if (!name && i)
            at += (size_t)snprintf(to + at, room - at, "[%zu]", in->path[i - 1].elements - 1);
    }
}

bool der_refuse(struct der_in *in, size_t offset, const char *code, const char *format, ...)
{
    char text[160];
    char path[128];
    va_list list;

    if (in->failed)
        return false;
    in->failed = true;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    print_path(in, path, sizeof path);
    (void)gk_refuse(in->why, GK_PAYLOAD_MALFORMED, offset, code, "%s%s%s", path, *path ? ": " : "",
                    text);
    if (in->why)
        (void)snprintf(in->why->path, sizeof in->why->path, "%.95s", path);
    return false;
}

static void push(struct der_in *in, const char *name)
{
    if (in->depth == DER_IN_DEPTH)
        abort(); /* only our own parsers nest */
    if (!name && in->depth)
        in->path[in->depth - 1].elements++;
    in->path[in->depth].name = name;
    in->path[in->depth].elements = 0;
    in->depth++;
}

static void pop(struct der_in *in)
{
    in->depth--;
}

bool der_more(const struct der_in *in, const struct gk_reader *reader)
{
    return !in->failed && gk_reader_left(reader);
}

uint8_t der_peek(const struct der_in *in, const struct gk_reader *reader)
{
    return der_more(in, reader) ? reader->data[reader->at] : 0;
}

/* The next value, at the path that was pushed; an empty one when refused. */
static struct der_tlv take(struct der_in *in, struct gk_reader *reader, uint8_t tag)
{
    size_t offset = gk_reader_offset(reader);
    const struct der_fault *fault;
    struct der_tlv tlv = {0};

    if (in->failed)
        return tlv;
    if (!gk_reader_left(reader)) {
        (void)der_refuse(in, offset, "der-missing", "is missing");
        return tlv;
    }
    fault = der_header(reader, &tlv);
    if (fault)
        (void)der_refuse(in, offset, fault->code, "%s", fault->text);
    else if (tlv.tag != tag)
        (void)der_refuse(in, offset, "der-unexpected",
                         "has identifier octet %02x, %02x is expected", tlv.tag, tag);
    else
        return tlv;
    return (struct der_tlv){0};
}

struct gk_reader der_enter(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                           const char *name)
{
    struct gk_reader inside;
    struct der_tlv tlv;

    push(in, name);
    tlv = take(in, reader, tag);
    inside = gk_reader(tlv.value);
    inside.base = gk_reader_offset(reader) - tlv.value.size;
    return inside;
}

void der_leave(struct der_in *in, struct gk_reader *inside)
{
    if (der_more(in, inside))
        (void)der_refuse(in, gk_reader_offset(inside), "der-unexpected",
                         "holds something that is not expected there (identifier octet %02x)",
                         der_peek(in, inside));
    pop(in);
}

struct gk_octets der_read(struct der_in *in, struct gk_reader *reader, uint8_t tag, uint8_t type,
                          const char *name)
{
    const struct der_fault *fault;
    struct der_tlv tlv;

    push(in, name);
    tlv = take(in, reader, tag);
    if (!in->failed) {
        fault = der_value(type, tlv.value);
        if (fault)
            (void)der_refuse(in, tlv.offset, fault->code, "%s", fault->text);
    }
    pop(in);
    return in->failed ? GK_NO_OCTETS : tlv.value;
}

struct gk_octets der_read_octets(struct der_in *in, struct gk_reader *reader, const char *name)
{
    return der_read(in, reader, DER_OCTET_STRING, DER_OCTET_STRING, name);
}

int64_t der_read_integer(struct der_in *in, struct gk_reader *reader, uint8_t tag, const char *name)
{
    size_t offset = gk_reader_offset(reader);
    struct gk_octets value = der_read(in, reader, tag, DER_INTEGER, name);
    uint64_t bits = value.size && value.data[0] & 0x80 ? UINT64_MAX : 0;

    if (value.size > 8) {
        push(in, name);
        (void)der_refuse(in, offset, "der-integer-range", "an INTEGER goes beyond 64 bits");
        pop(in);
        return 0;
    }
    for (size_t i = 0; i < value.size; i++)
        bits = bits << 8 | value.data[i];
    return (int64_t)bits;
}

bool der_read_boolean(struct der_in *in, struct gk_reader *reader, const char *name)
{
    struct gk_octets value = der_read(in, reader, DER_BOOLEAN, DER_BOOLEAN, name);

    return value.size && value.data[0];
}

void der_read_null(struct der_in *in, struct gk_reader *reader, uint8_t tag, const char *name)
{
    (void)der_read(in, reader, tag, DER_NULL, name);
}

void der_read_oid(struct der_in *in, struct gk_reader *reader, uint8_t tag, const char *name,
                  char to[OID_TEXT])
{
    size_t offset = gk_reader_offset(reader);
    struct gk_octets value = der_read(in, reader, tag, DER_OID, name);

    to[0] = '\0';
    if (in->failed || oid_to_text(value, to))
        return;
    to[0] = '\0';
    push(in, name);
    (void)der_refuse(in, offset, "der-oid-range",
                     "an OBJECT IDENTIFIER has an arc beyond 64 bits or more than %d characters",
                     OID_TEXT - 1);
    pop(in);
}

struct gk_octets der_read_whole(struct der_in *in, struct gk_reader *reader, uint8_t tag,
                                const char *name)
{
    struct der_tlv tlv;

    push(in, name);
    tlv = take(in, reader, tag);
    pop(in);
    return tlv.whole;
}
