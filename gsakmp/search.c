/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/search.h"

size_t gk_lower_bound(const void *key, const void *array, size_t count, size_t size,
                      int (*compare)(const void *a, const void *b))
{
    const char *first = array;
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(first + middle * size, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
