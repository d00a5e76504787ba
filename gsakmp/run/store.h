/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_STORE_H
#define GSAKMP_RUN_STORE_H
/*
 * Stores keep the records of engines: each turn's all or none. A commit that fails ends the
 * program. run_store_memory keeps them in wiped memory for as long as it lives (tests, groups
 * that need not outlive their server).
 */
#include "gsakmp/engine.h"
#include "gsakmp/message.h"

struct run_store {
    /* Stores the records of one group's turn; calls `done` when they are safe, at once or
     * later, in the order of the commits. Every commit ends in exactly one `done`, which may
     * be called on any thread and, when called on the loop's, may lead to the next commit.
     * The records stay in place until then. A group is named as run_store_group does. */
    void (*commit)(struct run_store *store, struct gk_octets group, const struct gk_record *records,
                   size_t count, void (*done)(void *context, bool good), void *context);
    /* Hands every record of a group to `take`, ordered by key. */
    bool (*load)(struct run_store *store, struct gk_octets group,
                 void (*take)(void *context, struct gk_octets key, struct gk_octets value),
                 void *context, struct gk_reason *why);
    void (*close)(struct run_store *store);
};

/* How a group is named here: its Group ID Type, Length and Value (RFC 4535 7.1.1), borrowed. */
struct gk_octets run_store_group(const struct gk_group *group);

struct run_store *run_store_memory(void);
/* All records of a group in one array, for the engines' restore functions; freed with
 * run_records_free. NULL with `why` when loading failed; an empty group yields an array of
 * no records. */
struct gk_record *run_store_all(struct run_store *store, struct gk_octets group, size_t *count,
                                struct gk_reason *why);
void run_records_free(struct gk_record *records, size_t count);

#endif
