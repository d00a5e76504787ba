/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_UTF8_H
#define GSAKMP_UTF8_H
/* Text as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF. */
#include "gsakmp/octets.h"

/* Octets of the character that the text begins with; 0 when it begins with none. */
size_t gk_utf8_character(struct gk_octets text);
bool gk_utf8_is(struct gk_octets text);

#endif
