/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_UTF8_H
#define GSAKMP_UTF8_H
/* Text as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. */
#include "gsakmp/octets.h"

/* Octets of the character that the text begins with; 0 when it begins with none. */
size_t gk_utf8_character(struct gk_octets text);
/* The code point of one whole character. */
uint32_t gk_utf8_point(struct gk_octets character);
bool gk_utf8_is(struct gk_octets text);

/* For a terminal, on one line: characters that move, colour or turn what stands around them
 * (controls, line ends, directions, invisible ones), and what is no UTF-8, come as \xNN. For file
 * names and the like, which people want to read; foreign names are shown by gk_escape. */
void gk_utf8_plain(struct gk_octets text, struct gk_writer *to);

#endif
