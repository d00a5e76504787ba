/* SPDX-License-Identifier: Apache-2.0 */
#include "token/mechanism.h"

#include <string.h>

static bool take(int64_t value, uint16_t *to)
{
    *to = (uint16_t)value;
    return value >= 0 && value <= UINT16_MAX;
}

bool token_mechanism_algorithms(const struct token_mechanism *mechanism, struct gk_mechanism *to)
{
    if (!mechanism->suite)
        return take(mechanism->signature, &to->signature) &&
               take(mechanism->nonce_hash, &to->nonce_hash) &&
               take(mechanism->key_creation, &to->key_creation) &&
               take(mechanism->key_wrap, &to->key_wrap);
    if (strcmp(mechanism->suite, TOKEN_OID_SUITE_1) != 0)
        return false;
    *to = gk_suite_named("suite-1")->mechanism;
    return true;
}
