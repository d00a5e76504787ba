/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/vector-policy.h"

#include "tests/harness.h"
#include "tests/vectors.h"

struct load_policy vector_policy(void)
{
    static struct gk_octets root;
    struct load_policy policy = {.owner = gk_octets_of(VECTOR_OWNER), .skew = 300};

    root = vector_octets("entities/root/certificate");
    policy.trust.roots = &root;
    policy.trust.root_count = 1;
    CU_ASSERT_TRUE_FATAL(gk_group_set(&policy.group, 2, vector_octets("group/value"), NULL));
    return policy;
}

struct gk_octets vector_token(void)
{
    return vector_octets("tokens/recommended/signed");
}
