/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_RENDER_JSON_H
#define TOKEN_RENDER_JSON_H
/*
 * A token as JSON, under RFC 4534's names.
 *
 *   octets      lower-case hexadecimal, as a string; names and text: {"hex": "...", "text":
 *               "..."}, where `text` is present only when they are printable ASCII
 *   numbers     integers; such that a registry names: {"value": 49153, "name": "Ed25519"}
 *   OIDs        {"oid": "1.3.6.1.5.5.12.3.1", "name": "GSAKMP registration"}
 *   LifeDate    {"interval": seconds} or {"time": "YYYYMMDDHHMMSSZ", "form": "utc" | "gt"}
 *   UserCAPair  {"type": 31, "typeName": "...", "hex": "...", "text": "...", "cA": "..."}
 *   absent      null
 */
#include <jansson.h>

#include "token/token.h"

/* A fresh object; json_decref it. */
json_t *token_show_json(const struct token *token) GK_MUST_USE;

#endif
