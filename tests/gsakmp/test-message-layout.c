/* SPDX-License-Identifier: Apache-2.0 */
/* Faults made from the layout of good messages: each length, each reserved octet, each next
 * payload, each cut. */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/gsakmp/message-help.h"

/* A copy that is changed in place: so many faults would fill the memory as kept octets. */
struct copy {
    uint8_t *data;
    size_t size;
};

static struct copy copy_of(struct gk_octets octets)
{
    struct copy copy = {gk_alloc(octets.size + 1, 1), octets.size};

    memcpy(copy.data, octets.data, octets.size);
    return copy;
}

static struct gk_octets seen(const struct copy *copy)
{
    return gk_octets(copy->data, copy->size);
}

#define HEADER 28 /* octets of a header of the known answers' group */

static void put(uint8_t *at, size_t width, uint64_t value)
{
    for (size_t i = width; i-- > 0; value >>= 8)
        at[i] = (uint8_t)value;
}

static uint64_t get(const uint8_t *at, size_t width)
{
    uint64_t value = 0;

    for (size_t i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

/* A length or a count, one off and at its ends: none of them goes unnoticed. */
static void fault_length(struct copy *copy, size_t at, size_t width)
{
    uint64_t right = get(copy->data + at, width);
    uint64_t most = (UINT64_C(1) << (8 * width)) - 1;
    uint64_t wrong[] = {right - 1, right + 1, 0, most, right / 2 + 7};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if ((wrong[i] & most) == right)
            continue;
        put(copy->data + at, width, wrong[i] & most);
        if (help_accepted(seen(copy))) {
            printf("\n    offset %zu, %llu instead of %llu is taken\n", at,
                   (unsigned long long)wrong[i], (unsigned long long)right);
            CU_FAIL("a wrong length is taken");
        }
    }
    put(copy->data + at, width, right);
    CU_ASSERT_TRUE(help_accepted(seen(copy)));
}

static void every_length_counts(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);
        struct help_chain chain = help_take(octets);
        struct copy copy = copy_of(octets);

        fault_length(&copy, 1, 1);
        fault_length(&copy, 24, 4);
        for (size_t i = 0; i < chain.count; i++) {
            size_t at = chain.part[i].at;

            fault_length(&copy, at + 2, 2);
            if (chain.part[i].type == GK_PAYLOAD_SIGNATURE) {
                fault_length(&copy, at + 22, 2);
                fault_length(&copy, at + 4 + chain.part[i].body.size - 66, 2);
            }
            if (chain.part[i].type == GK_PAYLOAD_REKEY_EVENT) {
                fault_length(&copy, at + 37, 2); /* number of Rekey Event Data */
                fault_length(&copy, at + 39, 2); /* Packet Length of the first */
            }
        }
        free(copy.data);
    }
}

static void every_reserved_octet_is_zero(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);
        struct help_chain chain = help_take(octets);
        struct copy copy = copy_of(octets);

        for (size_t i = 0; i < chain.count; i++) {
            uint8_t *reserved = copy.data + chain.part[i].at + 1;

            for (unsigned value = 1; value < 256; value += 127) {
                *reserved = (uint8_t)value;
                CU_ASSERT_TRUE(help_refused(seen(&copy), GK_PAYLOAD_MALFORMED, "reserved"));
            }
            *reserved = 0;
        }
        CU_ASSERT_TRUE(help_accepted(seen(&copy)));
        free(copy.data);
    }
}

static bool is_known(unsigned type)
{
    return type && type < 13 && type != 5 && type != 7;
}

/* The place `at` holds a next payload; `first` tells that it is the header's. */
static bool judged_next(struct copy *copy, size_t at, bool first, unsigned value)
{
    uint8_t right = copy->data[at];
    bool good;

    copy->data[at] = (uint8_t)value;
    if (value == right)
        good = help_accepted(seen(copy));
    else if (value == 0)
        good = help_refused(seen(copy), GK_PAYLOAD_MALFORMED, first ? "no-payload" : "chain-end");
    else if (!is_known(value))
        good = help_refused(seen(copy), GK_INVALID_PAYLOAD_TYPE, "payload-type");
    else if (right == 0)
        good = help_refused(seen(copy), GK_PAYLOAD_MALFORMED, "chain-cut");
    else /* a Vendor ID takes any octets */
        good = value == GK_PAYLOAD_VENDOR_ID || !help_accepted(seen(copy));
    copy->data[at] = right;
    return good;
}

static void fault_next(struct copy *copy, size_t at, bool first)
{
    for (unsigned value = 0; value < 256; value++)
        CU_ASSERT_TRUE(judged_next(copy, at, first, value));
}

static void every_next_payload_counts(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);
        struct help_chain chain = help_take(octets);
        struct copy copy = copy_of(octets);

        fault_next(&copy, HEADER - 11, true);
        for (size_t i = 0; i < chain.count; i++)
            fault_next(&copy, chain.part[i].at, false);
        free(copy.data);
    }
}

static void every_cut_is_noticed(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);

        for (size_t size = 0; size < octets.size; size++) {
            struct copy copy = copy_of(gk_octets(octets.data, size));

            /* As it comes, and with a Length that knows of the cut. */
            CU_ASSERT_TRUE(help_refused(seen(&copy), GK_PAYLOAD_MALFORMED, NULL));
            if (size >= HEADER) {
                put(copy.data + 24, 4, size);
                CU_ASSERT_TRUE(help_refused(seen(&copy), GK_PAYLOAD_MALFORMED, NULL));
            }
            free(copy.data);
        }
    }
}

static void octets_behind_the_end_are_noticed(void)
{
    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct gk_octets octets = help_message(*exchange);
        struct copy copy = copy_of(octets);

        copy.size++;
        CU_ASSERT_TRUE(help_refused(seen(&copy), GK_PAYLOAD_MALFORMED, "length"));
        put(copy.data + 24, 4, copy.size);
        CU_ASSERT_TRUE(help_refused(seen(&copy), GK_PAYLOAD_MALFORMED, "chain-end"));
        free(copy.data);
    }
}

/* Any octet changed: refused or taken, but never read beyond the end, and what is taken is
 * still a message (the sanitizers watch). */
static void every_octet_may_be_wrong(void)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};

    for (const uint8_t *exchange = help_exchanges; *exchange; exchange++) {
        struct copy copy = copy_of(help_message(*exchange));
        size_t taken = 0;

        for (size_t i = 0; i < copy.size; i++) {
            for (size_t j = 0; j < sizeof flips; j++) {
                copy.data[i] ^= flips[j];
                taken += help_accepted(seen(&copy));
                copy.data[i] ^= flips[j];
            }
        }
        CU_ASSERT_TRUE(taken > 0 && taken < copy.size * sizeof flips);
        free(copy.data);
    }
}

static void faults_are_told_with_their_place(void)
{
    struct gk_octets octets = help_message(GK_REQUEST_TO_JOIN);
    struct help_chain chain = help_take(octets);
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_reason why;
    struct copy copy = copy_of(octets);
    size_t at = chain.part[2].at;

    copy.data[at + 1] = 1;
    CU_ASSERT_FALSE(gk_message_parse(&message, seen(&copy), &group, GK_EXCHANGE_ANY, &why));
    CU_ASSERT_EQUAL(why.offset, at + 1);
    copy.data[at + 1] = 0;
    put(copy.data + at + 2, 2, 3);
    CU_ASSERT_FALSE(gk_message_parse(&message, seen(&copy), &group, GK_EXCHANGE_ANY, &why));
    CU_ASSERT_EQUAL(why.offset, at + 2);
    /* The nonce stood before the fault: an answer can echo it. */
    CU_ASSERT_EQUAL(message.nonce[GK_NONCE_I].size, 32);
    free(copy.data);
}

const struct test_suite suite_message_layout = {
    "message_layout",
    {
        {"every length counts", every_length_counts},
        {"every reserved octet is zero", every_reserved_octet_is_zero},
        {"every next payload counts", every_next_payload_counts},
        {"every cut is noticed", every_cut_is_noticed},
        {"octets behind the end are noticed", octets_behind_the_end_are_noticed},
        {"every octet may be wrong", every_octet_may_be_wrong},
        {"faults are told with their place", faults_are_told_with_their_place},
        {NULL, NULL},
    }};
