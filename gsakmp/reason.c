/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool gk_refuse(struct gk_reason *why, uint16_t notification, size_t offset, const char *code,
               const char *format, ...)
{
    va_list list;

    if (!why)
        return false;
    why->notification = notification;
    why->offset = offset;
    why->code = code;
    why->line = 0;
    why->path[0] = '\0';
    va_start(list, format);
    (void)vsnprintf(why->text, sizeof why->text, format, list);
    va_end(list);
    return false;
}

const char *gk_escape(char *to, size_t room, struct gk_octets text)
{
    size_t at = 0;

    if (!room)
        return to;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool plain = c >= 0x20 && c < 0x7f && !strchr("\"\\[]", c);
        size_t need = plain ? 1 : 4;

        if (at + need + 4 > room) {
            if (room > 4) {
                memcpy(to + at, "...", 3);
                at += 3;
            }
            break;
        }
        if (plain)
            to[at] = (char)c;
        else
            (void)snprintf(to + at, 5, "\\x%02x", c);
        at += need;
    }
    to[at] = '\0';
    return to;
}
