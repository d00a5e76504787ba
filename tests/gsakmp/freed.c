/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gsakmp/freed.h"

#include <stdlib.h>
#include <string.h>

#define SECRETS 16
#define PART    16

static uint8_t parts[2 * SECRETS][PART];
static size_t count;
static size_t found;

static void look(const void *block, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        if (memmem(block, size, parts[i], PART)) {
            found++;
            return;
        }
    }
}

#ifdef __has_feature /* clang */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
/* gcc ships these without their header. */
int __sanitizer_install_malloc_and_free_hooks(void (*at_allocation)(const volatile void *, size_t),
                                              void (*at_free)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *block);

static void at_allocation(const volatile void *block, size_t size)
{
    (void)block;
    (void)size;
}

static void at_free(const volatile void *block)
{
    if (count && block)
        look((const void *)(uintptr_t)block, __sanitizer_get_allocated_size(block));
}

static void install(void)
{
    static bool done;

    if (!done && !__sanitizer_install_malloc_and_free_hooks(at_allocation, at_free))
        abort();
    done = true;
}
#else
#include <malloc.h>

void __libc_free(void *block);
void free(void *block);

/* Stands in for the C library's in the whole program. */
void free(void *block)
{
    if (count && block)
        look(block, malloc_usable_size(block));
    __libc_free(block);
}

static void install(void)
{
}
#endif

void freed_watch(struct gk_octets secret)
{
    if (secret.size < PART || count + 2 > 2 * SECRETS)
        abort();
    install();
    memcpy(parts[count], secret.data, PART);
    for (size_t i = 0; i < PART; i++)
        parts[count + 1][i] = secret.data[secret.size - 1 - i];
    count += 2;
}

size_t freed_found(void)
{
    size_t result = found;

    count = found = 0;
    return result;
}
