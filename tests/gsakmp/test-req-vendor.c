/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.10: Vendor IDs, familiar and not, in every message. */
#include "tests/gsakmp/message-help.h"
#include "tests/harness.h"

#include "gsakmp/registry.h"

#include <string.h>

static struct gk_octets familiar(void)
{
    return gk_octets(gk_vendor_id, sizeof gk_vendor_id);
}

static struct gk_octets with(struct gk_octets octets, size_t index, struct gk_octets id)
{
    struct help_chain chain = help_take(octets);

    help_insert(&chain, index, GK_PAYLOAD_VENDOR_ID, id);
    return help_put(&chain);
}

/* Wherever it stands before the signature, an unfamiliar one changes nothing. */
static void unfamiliar_ones_are_ignored(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets plain = help_message(*exchange);
        struct help_chain chain = help_take(plain);
        struct gk_message before;
        struct gk_message after;

        help_parse(&before, plain);
        for (size_t at = 0; at < chain.count && chain.part[at].type != GK_PAYLOAD_CERTIFICATE &&
                            (!at || chain.part[at - 1].type != GK_PAYLOAD_SIGNATURE);
             at++) {
            help_parse(&after, with(plain, at, gk_octets_of("somebody else's extension")));
            CU_ASSERT_EQUAL(after.vendor, before.vendor);
            CU_ASSERT_EQUAL(after.key_creation_type, before.key_creation_type);
            CU_ASSERT_EQUAL(after.certificate_count, before.certificate_count);
            CU_ASSERT_EQUAL(after.notification_count, before.notification_count);
        }
    }
}

/* It puts no private-use value into force, and takes none out of it. */
static void unfamiliar_ones_bring_nothing(void)
{
    struct gk_octets rtj = help_message(GK_REQUEST_TO_JOIN);
    struct help_chain chain = help_take(rtj);
    size_t own = help_where(&chain, GK_PAYLOAD_VENDOR_ID);
    struct gk_message message;

    CU_ASSERT_TRUE(gk_octets_equal(chain.part[own].body, familiar())); /* the message needs it */
    help_parse(&message, with(rtj, 0, gk_octets_of("one of theirs")));
    CU_ASSERT_TRUE(message.vendor);
    help_parse(&message,
               with(with(rtj, own, gk_octets_of("one more")), own, gk_octets_of("and another")));
    CU_ASSERT_TRUE(message.vendor);
    chain.part[own].body = gk_octets_of("sixteen octets..");
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "private-value"));
    help_remove(&chain, own);
    CU_ASSERT_TRUE(help_refused(help_put(&chain), GK_PAYLOAD_MALFORMED, "private-value"));
}

/* 7.10.1: four octets at the least. */
static void short_ones_are_malformed(void)
{
    static const char octets[] = "abcd";

    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        for (size_t size = 0; size <= 4; size++)
            CU_ASSERT_TRUE(help_judged(with(help_message(*exchange), 0, gk_octets(octets, size)),
                                       size == 4, GK_PAYLOAD_MALFORMED, "vendor-id-size"));
    }
}

const struct test_suite suite_req_vendor = {
    "req-vendor",
    {
        {"unfamiliar ones are ignored", unfamiliar_ones_are_ignored},
        {"unfamiliar ones bring nothing", unfamiliar_ones_bring_nothing},
        {"short ones are malformed", short_ones_are_malformed},
        {NULL, NULL},
    }};
