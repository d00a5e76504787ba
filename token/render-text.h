/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_TEXT_H
#define TOKEN_RENDER_TEXT_H
/* A token as text for people: one statement a line, indented, printable ASCII throughout. */
#include "token/token.h"

void token_show_text(const struct token *token, struct gk_writer *to);

#endif
