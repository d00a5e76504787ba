/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_SEARCH_H
#define GSAKMP_SEARCH_H
/* Looking things up in arrays that qsort has sorted. */
#include <stddef.h>

/* The index of the first element that is not below the key, `count` when all are. `compare` is
 * that of qsort; `size` is an element's. */
size_t gk_lower_bound(const void *key, const void *array, size_t count, size_t size,
                      int (*compare)(const void *a, const void *b));

#endif
