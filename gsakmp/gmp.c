/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/suite.h"

#include <stdlib.h>
#include <string.h>

#include <gmp.h>

static void *fresh(size_t size)
{
    return gk_alloc(size, 1);
}

static void wipe_and_free(void *data, size_t size)
{
    gk_wipe(data, size);
    free(data);
}

/* Not realloc: it could leave an unwiped copy behind. */
static void *move(void *old, size_t old_size, size_t size)
{
    void *data = fresh(size);

    memcpy(data, old, old_size < size ? old_size : size);
    wipe_and_free(old, old_size);
    return data;
}

void gk_wipe_gmp(void)
{
    mp_set_memory_functions(fresh, move, wipe_and_free);
}
