/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)8192)

/* Each allocation is preceded by its size, so that token_append knows how far an array may
 * grow where it stands, however it was made. */
struct block {
    alignas(max_align_t) size_t size;
};

struct chunk {
    alignas(max_align_t) struct chunk *next;
    size_t room;
    size_t used;
};

struct token_arena {
    struct chunk *chunks;
};

struct token *token_new(void)
{
    struct token *token = gk_alloc(1, sizeof *token);

    token->version = 1;
    token->arena = gk_alloc(1, sizeof *token->arena);
    return token;
}

void token_free(struct token *token)
{
    struct chunk *next;

    if (!token)
        return;
    for (struct chunk *chunk = token->arena->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(token->arena);
    free(token);
}

static struct chunk *chunk_with(struct token_arena *arena, size_t size)
{
    struct chunk *chunk = arena->chunks;
    size_t room = size > CHUNK ? size : CHUNK;

    if (chunk && size <= chunk->room - chunk->used)
        return chunk;
    chunk = gk_alloc(1, sizeof *chunk + room);
    chunk->room = room;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

void *token_alloc(struct token *token, size_t count, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct chunk *chunk;
    struct block *block;
    size_t need;

    if (size && count > SIZE_MAX / 4 / size)
        abort();
    size *= count;
    need = sizeof *block + (size + align - 1) / align * align;
    chunk = chunk_with(token->arena, need);
    block = (void *)((uint8_t *)(chunk + 1) + chunk->used);
    chunk->used += need;
    block->size = need - sizeof *block;
    return block + 1;
}

struct gk_octets token_octets(struct token *token, struct gk_octets from)
{
    uint8_t *copy = token_alloc(token, from.size, 1);

    if (from.size)
        memcpy(copy, from.data, from.size);
    return gk_octets(copy, from.size);
}

const char *token_text(struct token *token, const char *from)
{
    size_t size = strlen(from) + 1;

    return memcpy(token_alloc(token, size, 1), from, size);
}

void *token_append(struct token *token, void **array, size_t *count, size_t size)
{
    size_t room = *array ? ((struct block *)*array - 1)->size : 0;
    void *fresh;

    if (size > room || *count > room / size - 1) {
        fresh = token_alloc(token, *count ? *count * 2 : 4, size);
        if (*count)
            memcpy(fresh, *array, *count * size);
        *array = fresh;
    }
    fresh = (uint8_t *)*array + *count * size;
    memset(fresh, 0, size);
    (*count)++;
    return fresh;
}
