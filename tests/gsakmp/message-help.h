/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GSAKMP_MESSAGE_HELP_H
#define TESTS_GSAKMP_MESSAGE_HELP_H
/* What the tests of the codec share. */
#include "gsakmp/message.h"

/* The group of the known answers. */
struct gk_group help_group(void);
/* Parses what must be good, or fails the case. */
void help_parse(struct gk_message *message, struct gk_octets octets);
/* True when the octets are refused with that notification; tells when not. */
bool help_refused(struct gk_octets octets, uint16_t notification, const char *code);

/* A signer whose signatures are as many octets 0x5a as it says, by turns. */
struct help_signer {
    const size_t *sizes; /* ends with 0: the last one stays */
    size_t at;
    size_t calls;
};
struct gk_signer help_signer(struct help_signer *state);

/* A message of that exchange with all that its dissection names, in certain numbers. */
void help_fill(struct gk_message *message, enum gk_exchange exchange);
/* Its octets, on the heap for the rest of the program. */
struct gk_octets help_build(const struct gk_message *message);
/* A private copy that may be changed. */
uint8_t *help_copy(struct gk_octets octets);
/* Offset of the n-th payload of that type, 0 when there is none. */
size_t help_find(struct gk_octets octets, uint8_t type, size_t index);

#endif
