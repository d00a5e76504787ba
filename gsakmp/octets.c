/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/octets.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/memops.h>

static _Noreturn void out_of_memory(void)
{
    fputs("out of memory\n", stderr);
    abort();
}

void *gk_alloc(size_t count, size_t size)
{
    void *fresh = calloc(count ? count : 1, size ? size : 1);
    if (!fresh)
        out_of_memory();
    return fresh;
}

void *gk_realloc(void *old, size_t count, size_t size)
{
    void *fresh = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!fresh)
        out_of_memory();
    return fresh;
}

char *gk_strdup(const char *text)
{
    char *fresh = strdup(text);
    if (!fresh)
        out_of_memory();
    return fresh;
}

char *gk_format(const char *format, ...)
{
    va_list list;
    char *fresh = NULL;

    va_start(list, format);
    if (vasprintf(&fresh, format, list) < 0)
        out_of_memory();
    va_end(list);
    return fresh;
}

void gk_wipe(void *data, size_t size)
{
    if (size)
        explicit_bzero(data, size);
}

struct gk_octets gk_octets(const void *data, size_t size)
{
    return (struct gk_octets){data, size};
}

struct gk_octets gk_octets_of(const char *text)
{
    return gk_octets(text, strlen(text));
}

bool gk_octets_equal(struct gk_octets a, struct gk_octets b)
{
    return a.size == b.size && (!a.size || memeql_sec(a.data, b.data, a.size));
}

int gk_octets_compare(struct gk_octets a, struct gk_octets b)
{
    size_t least = a.size < b.size ? a.size : b.size;
    int order = least ? memcmp(a.data, b.data, least) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

struct gk_secret gk_secret_new(size_t size)
{
    return (struct gk_secret){gk_alloc(size, 1), size};
}

struct gk_secret gk_secret_copy(struct gk_octets from)
{
    struct gk_secret secret = gk_secret_new(from.size);

    if (from.size)
        memcpy(secret.data, from.data, from.size);
    return secret;
}

struct gk_octets gk_secret_octets(const struct gk_secret *secret)
{
    return gk_octets(secret->data, secret->size);
}

void gk_secret_free(struct gk_secret *secret)
{
    if (secret->data)
        gk_wipe(secret->data, secret->size);
    free(secret->data);
    *secret = (struct gk_secret){NULL, 0};
}

struct gk_reader gk_reader(struct gk_octets from)
{
    return (struct gk_reader){.data = from.data, .size = from.size};
}

bool gk_reader_ok(const struct gk_reader *reader)
{
    return !reader->failed;
}

size_t gk_reader_left(const struct gk_reader *reader)
{
    return reader->failed ? 0 : reader->size - reader->at;
}

size_t gk_reader_offset(const struct gk_reader *reader)
{
    return reader->base + reader->at;
}

bool gk_reader_done(const struct gk_reader *reader)
{
    return !reader->failed && reader->at == reader->size;
}

struct gk_octets gk_read_octets(struct gk_reader *reader, size_t size)
{
    struct gk_octets slice;

    if (reader->failed || size > reader->size - reader->at) {
        reader->failed = true;
        return GK_NO_OCTETS;
    }
    slice = gk_octets(reader->data ? reader->data + reader->at : NULL, size);
    reader->at += size;
    return slice;
}

struct gk_octets gk_read_rest(struct gk_reader *reader)
{
    return gk_read_octets(reader, gk_reader_left(reader));
}

static uint64_t read_integer(struct gk_reader *reader, size_t size)
{
    struct gk_octets raw = gk_read_octets(reader, size);
    uint64_t value = 0;

    for (size_t i = 0; i < raw.size; i++)
        value = value << 8 | raw.data[i];
    return value;
}

uint8_t gk_read_u8(struct gk_reader *reader)
{
    return (uint8_t)read_integer(reader, 1);
}

uint16_t gk_read_u16(struct gk_reader *reader)
{
    return (uint16_t)read_integer(reader, 2);
}

uint32_t gk_read_u32(struct gk_reader *reader)
{
    return (uint32_t)read_integer(reader, 4);
}

uint64_t gk_read_u64(struct gk_reader *reader)
{
    return read_integer(reader, 8);
}

struct gk_reader gk_read_sub(struct gk_reader *reader, size_t size)
{
    size_t offset = gk_reader_offset(reader);
    struct gk_reader sub = gk_reader(gk_read_octets(reader, size));

    sub.base = offset;
    sub.failed = reader->failed;
    return sub;
}

size_t gk_write_reserve(struct gk_writer *writer, size_t size)
{
    size_t at = writer->size;

    if (size > writer->room - writer->size) {
        size_t room = writer->room ? writer->room : 256;
        uint8_t *fresh;

        if (size > SIZE_MAX / 4 - writer->size)
            out_of_memory();
        while (room < writer->size + size)
            room *= 2;
        /* Not realloc: it could leave an unwiped copy behind. */
        fresh = gk_alloc(room, 1);
        if (writer->data) {
            memcpy(fresh, writer->data, writer->size);
            gk_wipe(writer->data, writer->size);
            free(writer->data);
        }
        writer->data = fresh;
        writer->room = room;
    }
    if (size)
        memset(writer->data + at, 0, size);
    writer->size += size;
    return at;
}

void gk_write(struct gk_writer *writer, const void *data, size_t size)
{
    size_t at = gk_write_reserve(writer, size);

    if (size)
        memcpy(writer->data + at, data, size);
}

void gk_write_octets(struct gk_writer *writer, struct gk_octets octets)
{
    gk_write(writer, octets.data, octets.size);
}

void gk_write_u8(struct gk_writer *writer, uint8_t value)
{
    gk_write(writer, &value, 1);
}

void gk_write_u16(struct gk_writer *writer, uint16_t value)
{
    gk_write_u16_at(writer, gk_write_reserve(writer, 2), value);
}

void gk_write_u32(struct gk_writer *writer, uint32_t value)
{
    gk_write_u32_at(writer, gk_write_reserve(writer, 4), value);
}

void gk_write_u64(struct gk_writer *writer, uint64_t value)
{
    gk_write_u32(writer, (uint32_t)(value >> 32));
    gk_write_u32(writer, (uint32_t)value);
}

void gk_write_format(struct gk_writer *writer, const char *format, ...)
{
    va_list list;
    char *text = NULL;
    int size;

    va_start(list, format);
    size = vasprintf(&text, format, list);
    va_end(list);
    if (size < 0)
        out_of_memory();
    gk_write(writer, text, (size_t)size);
    free(text);
}

void gk_write_v(struct gk_writer *writer, struct gk_octets octets)
{
    if (octets.size > UINT16_MAX)
        abort();
    gk_write_u16(writer, (uint16_t)octets.size);
    gk_write_octets(writer, octets);
}

static uint8_t *place(struct gk_writer *writer, size_t at, size_t size)
{
    if (at > writer->size || size > writer->size - at)
        abort();
    return writer->data + at;
}

void gk_write_u16_at(struct gk_writer *writer, size_t at, uint16_t value)
{
    uint8_t *to = place(writer, at, 2);

    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

void gk_write_u32_at(struct gk_writer *writer, size_t at, uint32_t value)
{
    gk_write_u16_at(writer, at, (uint16_t)(value >> 16));
    gk_write_u16_at(writer, at + 2, (uint16_t)value);
}

void gk_writer_cut(struct gk_writer *writer, size_t size)
{
    if (size >= writer->size)
        return;
    gk_wipe(writer->data + size, writer->size - size);
    writer->size = size;
}

struct gk_octets gk_writer_octets(const struct gk_writer *writer)
{
    return gk_octets(writer->data, writer->size);
}

struct gk_secret gk_writer_take(struct gk_writer *writer)
{
    struct gk_secret taken = {writer->data, writer->size};

    *writer = (struct gk_writer){NULL, 0, 0};
    return taken;
}

void gk_writer_free(struct gk_writer *writer)
{
    gk_writer_cut(writer, 0);
    free(writer->data);
    *writer = (struct gk_writer){NULL, 0, 0};
}

char *gk_hex(struct gk_octets octets)
{
    static const char digits[] = "0123456789abcdef";
    char *text = gk_alloc(octets.size * 2 + 1, 1);

    for (size_t i = 0; i < octets.size; i++) {
        text[2 * i] = digits[octets.data[i] >> 4];
        text[2 * i + 1] = digits[octets.data[i] & 15];
    }
    return text;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool gk_unhex(const char *text, struct gk_writer *out)
{
    for (; *text; text += 2) {
        int high = digit(text[0]);
        int low = high < 0 ? -1 : digit(text[1]);

        if (low < 0)
            return false;
        gk_write_u8(out, (uint8_t)(high << 4 | low));
    }
    return true;
}
