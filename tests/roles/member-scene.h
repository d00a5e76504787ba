/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_MEMBER_SCENE_H
#define TESTS_ROLES_MEMBER_SCENE_H
/*
 * A member under attack. The server is silenced; what reaches m0 comes from others: m1, a true
 * member with all that its leaf gives it, servers that no token names, and the true server's
 * own messages at the wrong time.
 */
#include "roles/member-internal.h"
#include "tests/roles/forge.h"

struct scene {
    struct troupe *troupe;
    struct rig *rig;
    size_t node; /* m0's */
    const struct test_party *server, *m1;
    struct gk_key_download keys; /* m1's; in scene_joined m0's */
    struct gk_octets rtj;        /* of m0 */
};

/* m1 is in, the server is silent, m0 asks, by `suite` or as all do. */
struct scene *scene_asking(const struct troupe_plan *plan, const char *suite);
/* Both are in, the server is silent. */
struct scene *scene_joined(const char *rekey);
void scene_free(struct scene *scene);
/* Hands octets to m0, from nowhere in particular. */
void scene_deliver(struct scene *scene, struct gk_octets octets);
bool scene_noticed(const struct scene *scene, const char *code);
/* The code of the member's last refusal, "" for none. */
const char *scene_why(const struct scene *scene);

#endif
