/* SPDX-License-Identifier: Apache-2.0 */
/* Building: the known answers octet for octet, lengths that are signed, and what is not
 * built. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/message.h"
#include "tests/gsakmp/message-help.h"
#include "tests/vectors.h"

/* Gives the signature of the known answer, for exactly the octets that it signs. */
static bool sign_as_known(const struct gk_signer *signer, struct gk_octets data,
                          struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_message *known = signer->context;

    (void)why;
    CU_ASSERT_TRUE(gk_octets_equal(data, known->signed_octets));
    gk_write_octets(to, known->signature.signature);
    return true;
}

static void known_answers_are_rebuilt(void)
{
    const char *name;
    json_t *hex;

    json_object_foreach((json_t *)(uintptr_t)vector_at("messages"), name, hex)
    {
        struct gk_octets octets = test_unhex(json_string_value(hex));
        struct gk_message message;
        struct gk_signer signer = {.sign = sign_as_known, .context = &message};
        struct gk_writer built = {0};
        struct gk_reason why = {0};

        help_parse(&message, octets);
        signer.type = message.signature.type;
        /* The KeyDL and the rekeys have private key types inside, the Ack a private signature
         * type: the Vendor ID comes back by itself. */
        message.private_inside =
            message.vendor && (message.has_key_download || message.rekey_count);
        message.vendor = false;
        if (!gk_message_build(&message, &signer, &built, &why)) {
            printf("\n    %s: %s\n", name, why.text);
            CU_FAIL("a known answer is not built");
        }
        CU_ASSERT_HEX(gk_writer_octets(&built), json_string_value(hex));
        gk_writer_free(&built);
    }
}

const struct test_suite suite_message_build = {
    "message_build",
    {
        {"known answers are rebuilt", known_answers_are_rebuilt},
        {NULL, NULL},
    }};
