/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs may do with the keys, on a virtual clock: overlap, activation, expiration, and
 * the end; alone and behind the engines of a group.
 */
#include <stdio.h>
#include <string.h>

#include "roles/keep.h"
#include "tests/gsakmp/freed.h"
#include "tests/roles/troupe.h"

#define OVERLAP    30000
#define ACTIVATION 5000
#define ID         0x80000001u

struct scene {
    struct keep *keep;
    struct gk_now now;
    char told[256]; /* "new 1,active 1," */
};

static void tell(void *context, enum keep_change change, const struct member_key *key)
{
    static const char *const names[] = {"new", "active", "retired", "expired"};
    struct scene *scene = context;
    size_t at = strlen(scene->told);

    CU_ASSERT_EQUAL(key->key.size, 0);
    (void)snprintf(scene->told + at, sizeof scene->told - at, "%s %u,", names[change], key->handle);
}

static void begin(struct scene *scene)
{
    *scene = (struct scene){.now = {1000, 1790000000}};
    scene->keep = keep_new(OVERLAP, ACTIVATION, tell, scene);
}

static bool told(struct scene *scene, const char *what)
{
    bool good = strcmp(scene->told, what) == 0;

    if (!good)
        printf("\n    told \"%s\", expected \"%s\"\n", scene->told, what);
    scene->told[0] = '\0';
    return good;
}

static struct member_key key_made(uint32_t id, uint32_t handle, gk_time expires)
{
    static uint8_t octets[256][32];

    memset(octets[handle % 256], (int)handle, 32);
    return (struct member_key){.id = id,
                               .handle = handle,
                               .type = 49154,
                               .expires = expires,
                               .key = gk_octets(octets[handle % 256], 32)};
}

static void take(struct scene *scene, uint32_t handle, bool joined)
{
    struct member_key key = key_made(ID, handle, GK_TIME_NEVER);

    keep_take(scene->keep, &scene->now, &key, 1, joined);
}

static void pass(struct scene *scene, int64_t ms)
{
    scene->now.ms += ms;
    scene->now.utc += ms / 1000;
}

/* The handle that sends, 0 for none; and "send 2,receive 1," of all. */
static uint32_t sends(const struct scene *scene)
{
    struct keep_key key;

    for (size_t i = 0; keep_at(scene->keep, i, &scene->now, &key); i++) {
        if (key.use == KEEP_SEND)
            return key.key.handle;
    }
    return 0;
}

static bool serve(const struct scene *scene, const char *what)
{
    char text[256] = "";
    struct keep_key key;

    for (size_t i = 0; keep_at(scene->keep, i, &scene->now, &key); i++) {
        size_t at = strlen(text);
        struct member_key made = key_made(ID, key.key.handle, GK_TIME_NEVER);

        CU_ASSERT_TRUE(gk_octets_equal(key.key.key, made.key));
        (void)snprintf(text + at, sizeof text - at, "%s %u,", keep_use_name(key.use),
                       key.key.handle);
    }
    if (strcmp(text, what) == 0)
        return true;
    printf("\n    serve \"%s\", expected \"%s\"\n", text, what);
    return false;
}

static void a_registration_s_key_sends_at_once(void)
{
    struct scene scene;

    begin(&scene);
    CU_ASSERT_EQUAL(sends(&scene), 0);
    take(&scene, 1, true);
    CU_ASSERT_TRUE(told(&scene, "new 1,active 1,"));
    CU_ASSERT_TRUE(serve(&scene, "send 1,"));
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), GK_NO_TICK);
    take(&scene, 1, false);
    CU_ASSERT_TRUE(told(&scene, ""));
    take(&scene, 2, true); /* it was out of step: the others send with it already */
    CU_ASSERT_TRUE(serve(&scene, "send 2,receive 1,"));
    keep_free(scene.keep);
}

static void a_rekey_overlaps(void)
{
    struct scene scene;
    struct keep_key key;

    begin(&scene);
    take(&scene, 1, true);
    CU_ASSERT_TRUE(told(&scene, "new 1,active 1,"));
    take(&scene, 2, false);
    CU_ASSERT_TRUE(told(&scene, "new 2,"));
    CU_ASSERT_TRUE(serve(&scene, "next 2,send 1,"));
    CU_ASSERT_TRUE(keep_at(scene.keep, 0, &scene.now, &key) && key.left == ACTIVATION);
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), scene.now.ms + ACTIVATION);
    pass(&scene, ACTIVATION - 1);
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(told(&scene, ""));
    CU_ASSERT_EQUAL(sends(&scene), 1);
    pass(&scene, 1);
    CU_ASSERT_TRUE(serve(&scene, "send 2,receive 1,")); /* right before the tick, too */
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(told(&scene, "active 2,"));
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), scene.now.ms + OVERLAP - ACTIVATION);
    pass(&scene, OVERLAP - ACTIVATION - 1);
    CU_ASSERT_TRUE(serve(&scene, "send 2,receive 1,"));
    CU_ASSERT_TRUE(keep_at(scene.keep, 1, &scene.now, &key) && key.left == 1);
    pass(&scene, 1);
    CU_ASSERT_TRUE(serve(&scene, "send 2,"));
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(told(&scene, "retired 1,"));
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), GK_NO_TICK);
    keep_free(scene.keep);
}

/* Rekeys faster than activation: each key sends when its own time comes, and of many only so
 * many are kept. */
static void rekeys_come_quickly(void)
{
    struct scene scene;

    begin(&scene);
    take(&scene, 1, true);
    take(&scene, 2, false);
    pass(&scene, 3000);
    take(&scene, 3, false);
    CU_ASSERT_TRUE(serve(&scene, "next 3,next 2,send 1,"));
    pass(&scene, 2000);
    CU_ASSERT_TRUE(serve(&scene, "next 3,send 2,receive 1,"));
    pass(&scene, 3000);
    CU_ASSERT_TRUE(serve(&scene, "send 3,receive 2,receive 1,"));
    scene.told[0] = '\0';
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(told(&scene, "active 3,")); /* 2 was overtaken */
    CU_ASSERT_TRUE(keep_due(scene.keep, &scene.now) > scene.now.ms);
    for (uint32_t handle = 4; handle < 4 + KEEP_VERSIONS; handle++) {
        pass(&scene, 100);
        take(&scene, handle, false);
    }
    scene.told[0] = '\0';
    CU_ASSERT_TRUE(serve(&scene, "next 11,next 10,next 9,next 8,next 7,next 6,next 5,send 4,"));
    keep_free(scene.keep);
}

static void an_expired_key_serves_for_nothing(void)
{
    struct scene scene;
    struct member_key key = key_made(ID, 1, 1790000010);

    begin(&scene);
    keep_take(scene.keep, &scene.now, &key, 1, true);
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), scene.now.ms + 10000);
    pass(&scene, 9000);
    CU_ASSERT_TRUE(serve(&scene, "send 1,"));
    take(&scene, 2, false);
    CU_ASSERT_TRUE(serve(&scene, "next 2,send 1,"));
    pass(&scene, 1000);
    CU_ASSERT_TRUE(serve(&scene, "send 2,")); /* nothing else can send */
    scene.told[0] = '\0';
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(told(&scene, "expired 1,active 2,"));
    key = key_made(ID, 3, scene.now.utc + 1000);
    keep_take(scene.keep, &scene.now, &key, 1, true);
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), scene.now.ms + OVERLAP);
    pass(&scene, OVERLAP);
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_EQUAL(keep_due(scene.keep, &scene.now), scene.now.ms + 60000);
    scene.now.utc += 100000; /* the clock is set, by which no timer moves */
    CU_ASSERT_TRUE(serve(&scene, ""));
    keep_free(scene.keep);
}

static void an_identifier_that_left_the_token(void)
{
    struct scene scene;
    struct member_key keys[2] = {key_made(ID, 1, GK_TIME_NEVER),
                                 key_made(ID + 1, 2, GK_TIME_NEVER)};

    begin(&scene);
    keep_take(scene.keep, &scene.now, keys, 2, true);
    CU_ASSERT_TRUE(serve(&scene, "send 1,send 2,"));
    keep_take(scene.keep, &scene.now, keys + 1, 1, false);
    CU_ASSERT_TRUE(serve(&scene, "send 2,receive 1,"));
    keep_take(scene.keep, &scene.now, keys, 2, false);
    CU_ASSERT_TRUE(serve(&scene, "send 1,send 2,"));
    keep_take(scene.keep, &scene.now, keys, 1, false);
    pass(&scene, OVERLAP);
    keep_tick(scene.keep, &scene.now);
    CU_ASSERT_TRUE(serve(&scene, "send 1,"));
    keep_free(scene.keep);
}

static void without_overlap(void)
{
    struct scene scene;

    begin(&scene);
    keep_free(scene.keep);
    scene.keep = keep_new(0, 0, tell, &scene);
    take(&scene, 1, true);
    take(&scene, 2, false);
    CU_ASSERT_TRUE(serve(&scene, "send 2,"));
    CU_ASSERT_TRUE(told(&scene, "new 1,active 1,new 2,retired 1,active 2,"));
    keep_free(scene.keep);
}

static void what_goes_is_wiped(void)
{
    struct scene scene;
    struct member_key one = key_made(ID, 0x5a, GK_TIME_NEVER);

    begin(&scene);
    freed_watch(one.key);
    take(&scene, 0x5a, true);
    take(&scene, 2, false);
    pass(&scene, OVERLAP);
    keep_tick(scene.keep, &scene.now);
    take(&scene, 0x5a, true);
    keep_clear(scene.keep);
    CU_ASSERT_TRUE(serve(&scene, ""));
    CU_ASSERT_EQUAL(freed_found(), 0);
    keep_free(scene.keep);
}

/* --- behind the engines ------------------------------------------------------------------ */

static void look(struct keep *keep, const struct troupe *troupe, unsigned index, bool joined)
{
    struct gk_now now = rig_now(troupe->rig, troupe->member[index].node);
    struct member_key keys[RULES_GTPKS];
    size_t count = 0;

    for (size_t i = 0; i < RULES_GTPKS; i++)
        count += member_key_at(troupe->member[index].member, i, &now, &keys[count]);
    keep_take(keep, &now, keys, count, joined);
}

static struct gk_octets by_use(const struct keep *keep, const struct troupe *troupe,
                               enum keep_use use)
{
    struct keep_key key;

    for (size_t i = 0; keep_at(keep, i, &troupe->rig->now, &key); i++) {
        if (key.use == use)
            return key.key.key;
    }
    return GK_NO_OCTETS;
}

/* Through an eviction nothing that those who stay send is lost, and the evicted one is out when
 * activation and overlap are over. */
static void an_eviction_overlaps_too(void)
{
    struct troupe *troupe = troupe_new(&(struct troupe_plan){.members = 3, .seed = 6});
    struct keep *keep[2];
    struct gk_octets evicted;

    troupe_join_all(troupe);
    for (unsigned i = 0; i < 2; i++) {
        keep[i] = keep_new(OVERLAP, ACTIVATION, NULL, NULL);
        look(keep[i], troupe, i, true);
    }
    CU_ASSERT_TRUE(troupe_evict(troupe, 2));
    rig_run(troupe->rig, 1000);
    look(keep[0], troupe, 0, false); /* the other is late */
    rig_run(troupe->rig, 3000);
    look(keep[1], troupe, 1, false);
    evicted = troupe_key(troupe, 2);
    CU_ASSERT_TRUE(evicted.size > 0);
    CU_ASSERT_TRUE(gk_octets_equal(by_use(keep[0], troupe, KEEP_SEND), evicted));
    rig_run(troupe->rig, 2000);
    /* The first sends with the new key, which the second has to receive; and the other way. */
    CU_ASSERT_TRUE(
        gk_octets_equal(by_use(keep[0], troupe, KEEP_SEND), by_use(keep[1], troupe, KEEP_NEXT)));
    CU_ASSERT_TRUE(
        gk_octets_equal(by_use(keep[1], troupe, KEEP_SEND), by_use(keep[0], troupe, KEEP_RECEIVE)));
    rig_run(troupe->rig, ACTIVATION);
    for (unsigned i = 0; i < 2; i++)
        CU_ASSERT_TRUE(gk_octets_equal(by_use(keep[i], troupe, KEEP_SEND), troupe_key(troupe, i)));
    rig_run(troupe->rig, OVERLAP);
    for (unsigned i = 0; i < 2; i++) {
        CU_ASSERT_FALSE(gk_octets_equal(by_use(keep[i], troupe, KEEP_SEND), evicted));
        CU_ASSERT_EQUAL(by_use(keep[i], troupe, KEEP_RECEIVE).size, 0);
        keep_free(keep[i]);
    }
    CU_ASSERT_EQUAL(troupe_member_status(troupe, 0).counts.joined, 1);
    CU_ASSERT_PTR_NOT_NULL(member_policy(troupe->member[0].member));
    CU_ASSERT_TRUE(troupe_leave(troupe, 0));
    CU_ASSERT_PTR_NULL(member_policy(troupe->member[0].member));
    troupe_free(troupe);
}

const struct test_suite suite_keep = {
    "keep",
    {
        {"a registration's key sends at once", a_registration_s_key_sends_at_once},
        {"a rekey overlaps", a_rekey_overlaps},
        {"rekeys come quickly", rekeys_come_quickly},
        {"an expired key serves for nothing", an_expired_key_serves_for_nothing},
        {"an identifier that left the token", an_identifier_that_left_the_token},
        {"without overlap", without_overlap},
        {"what goes is wiped", what_goes_is_wiped},
        {"an eviction overlaps too", an_eviction_overlaps_too},
        {NULL, NULL},
    }};
