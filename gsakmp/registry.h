/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_REGISTRY_H
#define GSAKMP_REGISTRY_H
/*
 * Registries: the numbers of RFC 4535 tables 11 to 27 and of wire profile section 10, with
 * the names that the RFC gives them. The one place where a number gets its name: codec,
 * linter, logs, tests and man pages ask here.
 *
 * Each registry is a gapless run of rows from 0 to the largest value of its field; reserved,
 * unassigned and private ranges are rows too, so every value that the field can hold has a
 * row. What an algorithm does stands in suite.h, what a payload looks like in message.h. The
 * status of an algorithm is that of its row in suite.h: a test compares them.
 */
#include "gsakmp/octets.h"

/* The value is the number of the table in RFC 4535. */
enum gk_registry {
    GK_REGISTRY_GROUP_ID = 11,
    GK_REGISTRY_PAYLOAD = 12,
    GK_REGISTRY_EXCHANGE = 13,
    GK_REGISTRY_POLICY_TOKEN = 14,
    GK_REGISTRY_KEY_DOWNLOAD_ITEM = 15,
    GK_REGISTRY_KEY = 16,
    GK_REGISTRY_REKEY_EVENT = 17,
    GK_REGISTRY_ID_CLASS = 18,
    GK_REGISTRY_ID = 19,
    GK_REGISTRY_CERTIFICATE = 20,
    GK_REGISTRY_SIGNATURE = 21,
    GK_REGISTRY_NOTIFICATION = 22,
    GK_REGISTRY_ACKNOWLEDGEMENT = 23,
    GK_REGISTRY_MECHANISM = 24,
    GK_REGISTRY_NONCE_HASH = 25,
    GK_REGISTRY_KEY_CREATION = 26,
    GK_REGISTRY_NONCE = 27,
};
#define GK_REGISTRY_FIRST GK_REGISTRY_GROUP_ID
#define GK_REGISTRY_LAST  GK_REGISTRY_NONCE

enum gk_status {
    GK_STATUS_RUN,      /* this version runs it */
    GK_STATUS_KNOWN,    /* a value of the table that this version recognises and does not run */
    GK_STATUS_RESERVED, /* obsolete, reserved, unassigned, or private to others: no value */
};

struct gk_registry_entry {
    uint32_t value; /* first and last value of the row, the same for a value with a name */
    uint32_t last;
    const char *name;
    enum gk_status status;
    bool private_use; /* wire profile section 10: a value where our Vendor ID is present */
};

/* The Vendor ID that brings the private-use values into force (wire profile section 10). */
#define GK_VENDOR_ID_SIZE 16
extern const uint8_t gk_vendor_id[GK_VENDOR_ID_SIZE];

/* What the table lists, in the singular and lower case: "key creation type". */
const char *gk_registry_title(enum gk_registry registry);
/* The row that holds the value; NULL when the field cannot hold it. */
const struct gk_registry_entry *gk_registry_find(enum gk_registry registry, uint32_t value);
/* The row with exactly that name, NULL when there is none; ranges are not found. */
const struct gk_registry_entry *gk_registry_named(enum gk_registry registry, const char *name);
/* Rows by position in ascending order; NULL after the last. */
const struct gk_registry_entry *gk_registry_at(enum gk_registry registry, size_t index);
/* True when the value is one of the table, run or known; private ones only with `vendor`. */
bool gk_registry_allows(enum gk_registry registry, uint32_t value, bool vendor);
/* Never NULL: "Private Use" for a range, "out of range" for what the field cannot hold. */
const char *gk_registry_name(enum gk_registry registry, uint32_t value);
const char *gk_name_payload(uint8_t type);
const char *gk_name_exchange(uint8_t type);
const char *gk_name_notification(uint16_t type);
/* "run", "not run by this version", "reserved". */
const char *gk_status_name(enum gk_status status);

#endif
