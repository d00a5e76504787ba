/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gsakmp/message-help.h"

#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/vectors.h"

struct gk_group help_group(void)
{
    struct gk_group group = {0};
    struct gk_reason why;

    CU_ASSERT_TRUE_FATAL(gk_group_set(&group, (uint8_t)vector_integer("group/type"),
                                      vector_octets("group/value"), &why));
    return group;
}

void help_parse(struct gk_message *message, struct gk_octets octets)
{
    struct gk_group group = help_group();
    struct gk_reason why = {0};

    if (!gk_message_parse(message, octets, &group, GK_EXCHANGE_ANY, &why)) {
        printf("\n    refused at %zu: %s\n", why.offset, why.text);
        CU_FAIL_FATAL("a good message is refused");
    }
}

bool help_refused(struct gk_octets octets, uint16_t notification, const char *code)
{
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_reason why = {0};

    if (gk_message_parse(&message, octets, &group, GK_EXCHANGE_ANY, &why)) {
        printf("\n    taken, not refused as %s\n", code);
        return false;
    }
    if (why.notification == notification && strcmp(why.code, code) == 0)
        return true;
    printf("\n    refused as %s, not %s: %s\n", why.code, code, why.text);
    return false;
}

static bool sign(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                 struct gk_reason *why)
{
    struct help_signer *state = signer->context;
    size_t size = state->sizes[state->at];

    (void)data;
    (void)why;
    state->calls++;
    if (state->sizes[state->at + 1])
        state->at++;
    for (size_t i = 0; i < size; i++)
        gk_write_u8(to, 0x5a);
    return true;
}

struct gk_signer help_signer(struct help_signer *state)
{
    return (struct gk_signer){.type = 49153, .sign = sign, .context = state};
}
