/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_STAMP_H
#define GSAKMP_STAMP_H
/*
 * Stamps: the 15 octets YYYYMMDDHHMMSSZ of RFC 4535 7.4.1.1, 7.5.1.1 and 7.8.1.
 *
 * A gk_time counts seconds since 1970-01-01 UTC, without leap seconds, and covers
 * the years 0000 to 9999. Nothing here reads a clock: engines are given one.
 */
#include "gsakmp/octets.h"

typedef int64_t gk_time;

#define GK_STAMP_SIZE 15
/* 00000101000000Z: the first that a stamp can say */
#define GK_TIME_FIRST ((gk_time)-62167219200)
/* 99991231235959Z: the last; never expires (wire profile 9.4). */
#define GK_TIME_NEVER ((gk_time)253402300799)

/* The two clocks that every turn of an engine is given (house rule: a step of the
 * UTC clock moves neither a timer nor a stamp). */
struct gk_now {
    int64_t ms;  /* monotonic, milliseconds from an arbitrary start */
    gk_time utc; /* seconds */
};

/* Writes 15 octets and a terminating NUL. Times outside the years 0000 to 9999 are cut
 * to the nearest end. */
void gk_stamp_format(gk_time time, char to[GK_STAMP_SIZE + 1]);
void gk_write_stamp(struct gk_writer *writer, gk_time time);
/* False unless the octets are a valid stamp of the proleptic Gregorian calendar. */
bool gk_stamp_parse(struct gk_octets from, gk_time *time) GK_MUST_USE;

#endif
