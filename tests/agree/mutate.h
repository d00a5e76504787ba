/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_AGREE_MUTATE_H
#define TESTS_AGREE_MUTATE_H
/*
 * Tokens spoilt with knowledge of their structure: fields of the model, values of DER, octets
 * of an envelope. Every choice is drawn from one generator, so that a seed replays.
 */
#include "gsakmp/random.h"
#include "token/token.h"

uint32_t mutate_below(const struct gk_random *random, uint32_t limit);
/* Changes `count` things that the model says. */
void mutate_model(const struct gk_random *random, struct token *token, unsigned count);
/* One value of DER deleted, doubled, exchanged, cut, with another tag, length or octet; the
 * lengths around it follow, or not. */
void mutate_der(const struct gk_random *random, struct gk_octets from, struct gk_writer *to);

#endif
