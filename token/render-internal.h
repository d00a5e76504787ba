/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_INTERNAL_H
#define TOKEN_RENDER_INTERNAL_H
/* Between the parts of the walk. */
#include "gsakmp/registry.h"
#include "token/render.h"

void token_render_register(const struct token_register *info, struct token_sink *sink);
void token_render_deregister(const struct token_deregister *info, struct token_sink *sink);
void token_render_rekey(const struct token_rekey *info, struct token_sink *sink);
void token_render_data(const struct token_data *info, struct token_sink *sink);
/* A number of a registry, with its name there. */
void token_render_number(struct token_sink *sink, const char *key, const char *label,
                         enum gk_registry registry, int64_t value);
void token_render_transport(struct token_sink *sink, enum token_transport transport);

#endif
