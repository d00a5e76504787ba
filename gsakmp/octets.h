/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_OCTETS_H
#define GSAKMP_OCTETS_H
/*
 * Octets: borrowed slices, one reader, one writer, wiped secrets.
 *
 * These four are the only code that touches octets from outside.
 *
 * struct gk_octets   a slice that somebody else owns; never freed.
 * struct gk_reader   a cursor over a slice. Its error is sticky: after the first
 *                    read beyond the end every read yields zeros and gk_reader_ok()
 *                    is false, so a parser reads a whole structure and asks once.
 * struct gk_writer   grows on the heap and wipes whatever it held; integers are
 *                    written big-endian (RFC 4535 7). Lengths are reserved and
 *                    filled in when known.
 * struct gk_secret   octets whose only free wipes them. Key material lives nowhere
 *                    else.
 *
 * All sizes count octets. An allocation does not fail: it ends the program
 * (sizes from outside are bounded before they are used).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GK_MUST_USE     __attribute__((warn_unused_result))
#define GK_PRINTF(f, a) __attribute__((format(printf, f, a)))

struct gk_octets {
    const uint8_t *data;
    size_t size;
};

#define GK_NO_OCTETS ((struct gk_octets){NULL, 0})

struct gk_octets gk_octets(const void *data, size_t size);
/* The octets of a C string, without its terminator. */
struct gk_octets gk_octets_of(const char *text);
/* Compares in constant time in the contents; lengths are public. */
bool gk_octets_equal(struct gk_octets a, struct gk_octets b);
/* Orders like memcmp, a prefix first; not constant time, for public octets. */
int gk_octets_compare(struct gk_octets a, struct gk_octets b);

/* Allocation that ends the program instead of failing; zeroed. */
void *gk_alloc(size_t count, size_t size) GK_MUST_USE;
void *gk_realloc(void *old, size_t count, size_t size) GK_MUST_USE;
char *gk_strdup(const char *text) GK_MUST_USE;
/* printf into a fresh string that the caller frees. */
char *gk_format(const char *format, ...) GK_MUST_USE GK_PRINTF(1, 2);
/* Wipes; the compiler does not drop it. */
void gk_wipe(void *data, size_t size);

/* --- secrets ------------------------------------------------------------ */

struct gk_secret {
    uint8_t *data;
    size_t size;
};

/* A zeroed secret of `size` octets; free with gk_secret_free. */
struct gk_secret gk_secret_new(size_t size);
struct gk_secret gk_secret_copy(struct gk_octets from);
struct gk_octets gk_secret_octets(const struct gk_secret *secret);
/* Wipes, frees, and leaves an empty secret; safe to repeat. */
void gk_secret_free(struct gk_secret *secret);

/* --- reader ------------------------------------------------------------- */

struct gk_reader {
    const uint8_t *data;
    size_t size;
    size_t at;   /* next octet to read, from the start of data */
    size_t base; /* offset of data in the outermost slice, for reports */
    bool failed;
};

struct gk_reader gk_reader(struct gk_octets from);
bool gk_reader_ok(const struct gk_reader *reader);
size_t gk_reader_left(const struct gk_reader *reader);
/* Offset of the next octet in the outermost slice. */
size_t gk_reader_offset(const struct gk_reader *reader);
/* True when nothing failed and nothing is left. */
bool gk_reader_done(const struct gk_reader *reader);
uint8_t gk_read_u8(struct gk_reader *reader);
uint16_t gk_read_u16(struct gk_reader *reader);
uint32_t gk_read_u32(struct gk_reader *reader);
uint64_t gk_read_u64(struct gk_reader *reader);
/* Borrows the next `size` octets. */
struct gk_octets gk_read_octets(struct gk_reader *reader, size_t size);
struct gk_octets gk_read_rest(struct gk_reader *reader);
/* A cursor of its own over the next `size` octets, offsets kept. */
struct gk_reader gk_read_sub(struct gk_reader *reader, size_t size);

/* --- writer ------------------------------------------------------------- */

struct gk_writer {
    uint8_t *data;
    size_t size;
    size_t room;
};

/* A writer starts zeroed: struct gk_writer w = {0}. */
void gk_write_u8(struct gk_writer *writer, uint8_t value);
void gk_write_u16(struct gk_writer *writer, uint16_t value);
void gk_write_u32(struct gk_writer *writer, uint32_t value);
void gk_write_u64(struct gk_writer *writer, uint64_t value);
void gk_write(struct gk_writer *writer, const void *data, size_t size);
void gk_write_octets(struct gk_writer *writer, struct gk_octets octets);
/* printf, without a terminator. */
void gk_write_format(struct gk_writer *writer, const char *format, ...) GK_PRINTF(2, 3);
/* v(x) of the wire profile: length in 2 octets, then x (at most 65535). */
void gk_write_v(struct gk_writer *writer, struct gk_octets octets);
/* Appends `size` zero octets and returns where they start. */
size_t gk_write_reserve(struct gk_writer *writer, size_t size);
/* Fill in reserved fields; the place must lie within what was written. */
void gk_write_u16_at(struct gk_writer *writer, size_t at, uint16_t value);
void gk_write_u32_at(struct gk_writer *writer, size_t at, uint32_t value);
/* Cuts back to `size`, wiping what falls off. */
void gk_writer_cut(struct gk_writer *writer, size_t size);
struct gk_octets gk_writer_octets(const struct gk_writer *writer);
/* Moves the contents out; the writer is empty afterwards. */
struct gk_secret gk_writer_take(struct gk_writer *writer);
void gk_writer_free(struct gk_writer *writer);

/* Lower-case hexadecimal, a fresh string (public octets only). */
char *gk_hex(struct gk_octets octets) GK_MUST_USE;
/* False unless `text` is an even number of hexadecimal digits. */
bool gk_unhex(const char *text, struct gk_writer *out) GK_MUST_USE;

#endif
