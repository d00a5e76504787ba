/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/member-scene.h"

#include <stdlib.h>

static struct scene *begin(const struct troupe_plan *plan)
{
    struct scene *scene = gk_alloc(1, sizeof *scene);

    scene->troupe = troupe_new(plan);
    scene->rig = scene->troupe->rig;
    scene->node = scene->troupe->member[0].node;
    scene->server = scene->troupe->gcks_party;
    scene->m1 = scene->troupe->member[1].party;
    troupe_join(scene->troupe, 1);
    rig_run(scene->rig, 2000);
    CU_ASSERT_TRUE_FATAL(troupe_in(scene->troupe, 1));
    return scene;
}

static void use_mechanism(struct troupe *troupe, const char *suite)
{
    struct troupe_part *part = &troupe->member[0];

    part->config.mechanism = gk_suite_named(suite)->mechanism;
    member_free(part->member);
    part->member = member_new(&part->config, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(part->member);
    troupe->rig->node[part->node].engine = member_engine(part->member);
}

struct scene *scene_asking(const struct troupe_plan *plan, const char *suite)
{
    struct scene *scene = begin(plan);

    scene->keys = forge_keys(scene->troupe, troupe_member_status(scene->troupe, 1).member_id);
    scene->rig->node[0].down = true;
    if (suite)
        use_mechanism(scene->troupe, suite);
    troupe_join(scene->troupe, 0);
    scene->rtj = rig_last_sent(scene->rig, scene->node, GK_REQUEST_TO_JOIN);
    CU_ASSERT_NOT_EQUAL_FATAL(scene->rtj.size, 0);
    return scene;
}

struct scene *scene_joined(const char *rekey)
{
    struct scene *scene = begin(&(struct troupe_plan){.members = 2, .seed = 43, .rekey = rekey});

    troupe_join(scene->troupe, 0);
    rig_run(scene->rig, 2000);
    CU_ASSERT_TRUE_FATAL(troupe_in(scene->troupe, 0));
    scene->keys = forge_keys(scene->troupe, troupe_member_status(scene->troupe, 0).member_id);
    scene->rig->node[0].down = true;
    rig_forget_notices(scene->rig, scene->node);
    return scene;
}

void scene_free(struct scene *scene)
{
    troupe_free(scene->troupe);
    free(scene);
}

void scene_deliver(struct scene *scene, struct gk_octets octets)
{
    struct gk_peer from = forge_address(1);

    rig_deliver(scene->rig, scene->node, &from, octets);
}

bool scene_noticed(const struct scene *scene, const char *code)
{
    return rig_noticed(scene->rig, scene->node, code) != NULL;
}

const char *scene_why(const struct scene *scene)
{
    const char *code = scene->troupe->member[0].member->refusal.code;

    return code ? code : "";
}
