/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_STORE_H
#define GSAKMP_RUN_STORE_H
/*
 * Stores keep the records of engines: each turn's all or none. A commit that fails ends the
 * program. run_store_memory keeps them in wiped memory for as long as it lives (tests, groups
 * that need not outlive their server).
 */
#include "gsakmp/engine.h"

struct run_store {
    /* Stores the records of one group's turn; calls `done` when they are safe, at once or
     * later, in the order of the commits. */
    void (*commit)(struct run_store *store, struct gk_octets group, const struct gk_record *records,
                   size_t count, void (*done)(void *context, bool good), void *context);
    /* Hands every record of a group to `take`, ordered by key. */
    bool (*load)(struct run_store *store, struct gk_octets group,
                 void (*take)(void *context, struct gk_octets key, struct gk_octets value),
                 void *context, struct gk_reason *why);
    void (*close)(struct run_store *store);
};

struct run_store *run_store_memory(void);
/* All records of a group in one array, for the engines' restore functions; freed with
 * gk_records_free. */
struct gk_record *run_store_all(struct run_store *store, struct gk_octets group, size_t *count,
                                struct gk_reason *why);
void run_records_free(struct gk_record *records, size_t count);

#endif
