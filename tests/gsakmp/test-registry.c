/* SPDX-License-Identifier: Apache-2.0 */
/* The registries against the tables that RFC 4535 prints, and against the suites. */
#include "tests/harness.h"

#include <stdio.h>
#include <string.h>

#include "gsakmp/message.h"
#include "gsakmp/registry.h"
#include "gsakmp/suite.h"
#include "tests/vectors.h"

static uint32_t field_most(enum gk_registry registry)
{
    switch (registry) {
    case GK_REGISTRY_POLICY_TOKEN:
    case GK_REGISTRY_KEY:
    case GK_REGISTRY_CERTIFICATE:
    case GK_REGISTRY_SIGNATURE:
    case GK_REGISTRY_NOTIFICATION:
    case GK_REGISTRY_NONCE_HASH:
    case GK_REGISTRY_KEY_CREATION:
        return 65535;
    default:
        return 255;
    }
}

static void rows_leave_no_gap(void)
{
    for (int registry = GK_REGISTRY_FIRST; registry <= GK_REGISTRY_LAST; registry++) {
        const struct gk_registry_entry *row;
        uint32_t next = 0;

        for (size_t i = 0; (row = gk_registry_at((enum gk_registry)registry, i)); i++) {
            CU_ASSERT_EQUAL(row->value, next);
            CU_ASSERT_TRUE(row->last >= row->value);
            CU_ASSERT_TRUE(row->value == row->last || row->status == GK_STATUS_RESERVED);
            next = row->last + 1;
        }
        CU_ASSERT_EQUAL(next, field_most((enum gk_registry)registry) + 1);
        CU_ASSERT_PTR_NULL(gk_registry_find((enum gk_registry)registry, next));
        CU_ASSERT_STRING_EQUAL(gk_registry_name((enum gk_registry)registry, next), "out of range");
        CU_ASSERT_FALSE(gk_registry_allows((enum gk_registry)registry, next, true));
        CU_ASSERT_TRUE(strlen(gk_registry_title((enum gk_registry)registry)) > 0);
    }
}

static void names_find_their_row(void)
{
    for (int registry = GK_REGISTRY_FIRST; registry <= GK_REGISTRY_LAST; registry++) {
        const struct gk_registry_entry *row;

        for (size_t i = 0; (row = gk_registry_at((enum gk_registry)registry, i)); i++) {
            const struct gk_registry_entry *named =
                gk_registry_named((enum gk_registry)registry, row->name);

            CU_ASSERT_PTR_EQUAL(named, row->status == GK_STATUS_RESERVED ? NULL : row);
            CU_ASSERT_PTR_EQUAL(gk_registry_find((enum gk_registry)registry, row->last), row);
            CU_ASSERT_PTR_EQUAL(gk_registry_find((enum gk_registry)registry, row->value), row);
        }
        CU_ASSERT_PTR_NULL(gk_registry_named((enum gk_registry)registry, "Private Use"));
        CU_ASSERT_PTR_NULL(gk_registry_named((enum gk_registry)registry, ""));
    }
}

static void names_are_the_rfcs(void)
{
    CU_ASSERT_STRING_EQUAL(gk_name_payload(2), "Key Download Packet");
    CU_ASSERT_STRING_EQUAL(gk_name_payload(5), "Reserved");
    CU_ASSERT_STRING_EQUAL(gk_name_payload(13), "Reserved to IANA");
    CU_ASSERT_STRING_EQUAL(gk_name_payload(193), "Private Use");
    CU_ASSERT_STRING_EQUAL(gk_name_exchange(4), "Key Download Ack/Failure");
    CU_ASSERT_STRING_EQUAL(gk_name_exchange(15), "Departure Ack");
    CU_ASSERT_STRING_EQUAL(gk_name_notification(GK_PAYLOAD_MALFORMED), "Payload-Malformed");
    CU_ASSERT_STRING_EQUAL(gk_name_notification(GK_PROHIBITED_BY_LOCAL_POLICY),
                           "Prohibited by Locally Configured Policy");
    CU_ASSERT_STRING_EQUAL(gk_name_notification(38), "Reserved to IANA");
    CU_ASSERT_STRING_EQUAL(gk_name_notification(65535), "Private Use");
    CU_ASSERT_STRING_EQUAL(gk_registry_name(GK_REGISTRY_KEY, 3), "3DES_CBC64_192");
    CU_ASSERT_STRING_EQUAL(gk_registry_name(GK_REGISTRY_ID, 31), "ID_DN_STRING");
    CU_ASSERT_STRING_EQUAL(gk_registry_name(GK_REGISTRY_SIGNATURE, 0), "DSS-SHA1-ASN1-DER");
}

static void private_values_ask_for_the_vendor_id(void)
{
    CU_ASSERT_TRUE(gk_registry_allows(GK_REGISTRY_KEY, 49153, true));
    CU_ASSERT_FALSE(gk_registry_allows(GK_REGISTRY_KEY, 49153, false));
    CU_ASSERT_FALSE(gk_registry_allows(GK_REGISTRY_KEY, 49156, true));
    CU_ASSERT_TRUE(gk_registry_allows(GK_REGISTRY_KEY_DOWNLOAD_ITEM, 193, true));
    CU_ASSERT_FALSE(gk_registry_allows(GK_REGISTRY_KEY_DOWNLOAD_ITEM, 193, false));
    CU_ASSERT_TRUE(gk_registry_allows(GK_REGISTRY_KEY, 3, false));
    CU_ASSERT_FALSE(gk_registry_allows(GK_REGISTRY_KEY, 4, true));
    CU_ASSERT_STRING_EQUAL(gk_status_name(GK_STATUS_KNOWN), "not run by this version");
    CU_ASSERT_HEX(gk_octets(gk_vendor_id, sizeof gk_vendor_id), vector_text("vendor_id"));
}

/* What a suite says of a number: false when it knows none. */
struct capability {
    bool run;
    bool private_use;
};

static bool wrap_of(uint32_t type, struct capability *is)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);

    if (wrap)
        *is = (struct capability){wrap->run, wrap->private_use};
    return wrap != NULL;
}

static bool creation_of(uint32_t type, struct capability *is)
{
    const struct gk_creation *creation = gk_creation_find(type);

    if (creation)
        *is = (struct capability){creation->run, creation->private_use};
    return creation != NULL;
}

static bool hash_of(uint32_t type, struct capability *is)
{
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(type);

    if (hash)
        *is = (struct capability){hash->run, hash->private_use};
    return hash != NULL;
}

static bool signature_of(uint32_t type, struct capability *is)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(type);

    if (scheme)
        *is = (struct capability){scheme->run, scheme->private_use};
    return scheme != NULL;
}

static void agrees(enum gk_registry registry, bool (*suite)(uint32_t, struct capability *))
{
    for (uint32_t value = 0; value <= 65536; value++) {
        const struct gk_registry_entry *row = gk_registry_find(registry, value);
        struct capability is = {false, false};
        bool known = row && row->status != GK_STATUS_RESERVED;
        bool same = suite(value, &is) == known;

        if (known)
            same = same && is.run == (row->status == GK_STATUS_RUN) &&
                   is.private_use == row->private_use;
        if (!same) {
            printf("\n    %s %u\n", gk_registry_title(registry), value);
            CU_FAIL("registry and suites disagree");
        }
    }
}

static void suites_run_what_the_registry_says(void)
{
    agrees(GK_REGISTRY_KEY, wrap_of);
    agrees(GK_REGISTRY_KEY_CREATION, creation_of);
    agrees(GK_REGISTRY_NONCE_HASH, hash_of);
    agrees(GK_REGISTRY_SIGNATURE, signature_of);
}

const struct test_suite suite_registry = {
    "registry",
    {
        {"rows leave no gap", rows_leave_no_gap},
        {"names find their row", names_find_their_row},
        {"names are the RFC's", names_are_the_rfcs},
        {"private values ask for the Vendor ID", private_values_ask_for_the_vendor_id},
        {"suites run what the registry says", suites_run_what_the_registry_says},
        {NULL, NULL},
    }};
