/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_ANNOUNCE_JSON_H
#define TOKEN_ANNOUNCE_JSON_H
/* Between announce.c and announce-read.c. */
#include "token/announce.h"

/* The rules of meaning that a read and a filled announcement share. */
bool announcement_judge(const struct announcement *announcement, struct gk_reason *why);

#endif
