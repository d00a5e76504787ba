/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#define BATCH 4096

static _Thread_local uint8_t batch[BATCH];
static _Thread_local size_t unused;

static void draw(uint8_t *to, size_t size)
{
    if (gnutls_rnd(GNUTLS_RND_KEY, to, size) < 0) {
        fputs("the random number generator failed\n", stderr);
        abort();
    }
}

static void fill_system(void *context, uint8_t *to, size_t size)
{
    (void)context;
    if (size > BATCH / 4) {
        draw(to, size);
        return;
    }
    if (size > unused) {
        draw(batch, BATCH);
        unused = BATCH;
    }
    unused -= size;
    memcpy(to, batch + unused, size);
    gk_wipe(batch + unused, size);
}

const struct gk_random gk_random_system = {fill_system, NULL};

void gk_random_fill(const struct gk_random *random, uint8_t *to, size_t size)
{
    if (size)
        random->fill(random->context, to, size);
}

uint32_t gk_random_u32(const struct gk_random *random)
{
    uint8_t raw[4];

    gk_random_fill(random, raw, sizeof raw);
    return (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
}

struct gk_secret gk_random_secret(const struct gk_random *random, size_t size)
{
    struct gk_secret secret = gk_secret_new(size);

    gk_random_fill(random, secret.data, size);
    return secret;
}
