/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_PROGRAM_CTL_PRINT_H
#define ROLES_PROGRAM_CTL_PRINT_H
/*
 * A daemon's answer for a terminal: its summary, then what else it says, a line a value. Names
 * come from certificates: control characters in them never reach the terminal.
 */
#include <jansson.h>
#include <stdbool.h>

/* With `keys`, the answer to `key`: the octets too, for consumers that read line by line. */
void ctl_print(const json_t *answer, bool keys);

#endif
