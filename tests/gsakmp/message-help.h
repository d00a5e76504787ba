/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GSAKMP_MESSAGE_HELP_H
#define TESTS_GSAKMP_MESSAGE_HELP_H
/*
 * What the tests of the codec share: good messages of every exchange, and a way to take
 * octets apart and put them together again that knows nothing of the code under test.
 */
#include "gsakmp/message.h"

/* The group of the known answers. */
struct gk_group help_group(void);
/* Parses what must be good, or fails the case. */
void help_parse(struct gk_message *message, struct gk_octets octets);
bool help_accepted(struct gk_octets octets);
/* True when the octets are refused with that notification and, unless it is NULL, code;
 * tells when not. */
bool help_refused(struct gk_octets octets, uint16_t notification, const char *code);
/* Accepted when it should be, else refused like that. */
bool help_judged(struct gk_octets octets, bool good, uint16_t notification, const char *code);

/* The exchanges, each once; 0 behind the last. */
extern const uint8_t help_exchanges[];
/* A message of that exchange with all that its dissection names. */
void help_fill(struct gk_message *message, uint8_t exchange);
/* Signs with octets 0x5a, as many as `sizes` says in turn. */
struct help_signer {
    const size_t *sizes;
    size_t count;
    size_t calls;
};
struct gk_signer help_signer(struct help_signer *state);
/* The octets of a message, on the heap for the rest of the program. */
struct gk_octets help_build(const struct gk_message *message);
/* help_fill and help_build. */
struct gk_octets help_message(uint8_t exchange);

/* --- octets taken apart ----------------------------------------------------------- */

#define HELP_PARTS 80

struct help_part {
    uint8_t type;
    size_t at; /* offset of the generic header */
    struct gk_octets body;
};

struct help_chain {
    struct gk_octets header;
    size_t count;
    struct help_part part[HELP_PARTS];
};

struct help_chain help_take(struct gk_octets octets);
/* Position of the first payload of that type; fails the case when there is none. */
size_t help_where(const struct help_chain *chain, uint8_t type);
void help_remove(struct help_chain *chain, size_t index);
void help_insert(struct help_chain *chain, size_t index, uint8_t type, struct gk_octets body);
/* The message again, with a right chain and right lengths. */
struct gk_octets help_put(const struct help_chain *chain);
/* The octets with those at `at` replaced. */
struct gk_octets help_patch(struct gk_octets octets, size_t at, const char *hex);
/* The message with the body of its first payload of that type replaced, in hexadecimal. */
struct gk_octets help_body(struct gk_octets octets, uint8_t type, const char *hex);

#endif
