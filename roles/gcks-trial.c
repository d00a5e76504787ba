/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trying a token: what it would change for the present members is counted slice by slice, before
 * anything is changed. What happens to a member that was counted already corrects the counts in
 * the same turn, so that when the last slice ends they are those of that turn; a guarded token is
 * published in it, or not at all.
 */
#include "roles/gcks-internal.h"

#define LOOKED_AT 65536 /* entries for a page */

/* --- one member ------------------------------------------------------------------------------ */

static unsigned judge(const struct gcks *g, const struct gcks_entry *entry,
                      struct rules_verdict *before, struct rules_verdict *after)
{
    const struct rules *old = g->loaded->rules;
    const struct rules *new = g->trial.loaded->rules;
    struct pki_identity identity;
    unsigned effect = 0;
    bool sent, sends;

    if (!gcks_person_open(g, gk_secret_octets(&entry->person), &identity))
        return GCKS_EFFECT_OUT;
    if (!gcks_judge(new, &identity, &entry->mechanism, after)) {
        (void)gcks_judge(old, &identity, &entry->mechanism, before);
        effect = GCKS_EFFECT_OUT;
    } else {
        sent = rules_sender(old, &identity, before);
        sends = rules_sender(new, &identity, after);
        if (sent != sends)
            effect = sends ? GCKS_EFFECT_SENDS : GCKS_EFFECT_MUTE;
    }
    gcks_person_close(&identity);
    return effect;
}

/* Where an effect is counted; NULL for none. */
static uint32_t *counted(struct gcks *g, unsigned effect)
{
    struct gcks_trial_counts *counts = &g->trial.told.counts;

    switch (effect) {
    case GCKS_EFFECT_OUT:
        return &counts->out;
    case GCKS_EFFECT_MUTE:
        return &counts->mute;
    case GCKS_EFFECT_SENDS:
        return &counts->sends;
    default:
        return NULL;
    }
}

/* Takes back what was counted for the entry, and counts it anew. */
static void look(struct gcks *g, uint32_t handle)
{
    struct gcks_entry *entry = &g->entry[handle];
    unsigned effect = GCKS_EFFECT_NONE;
    uint32_t *at = counted(g, entry->trial == g->trial.number ? entry->effect : GCKS_EFFECT_NONE);
    uint32_t leaf;

    if (at)
        --*at;
    if (entry->person.size && gcks_entry_is_member(entry, &leaf))
        effect = judge(g, entry, NULL, NULL);
    entry->trial = g->trial.number;
    entry->effect = (uint8_t)effect;
    at = counted(g, effect);
    if (at)
        ++*at;
}

void gcks_trial_look(struct gcks *g, uint32_t handle)
{
    if (g->trial.loaded && handle < g->trial.cursor)
        look(g, handle);
}

/* --- the end of a trial ------------------------------------------------------------------------
 */

static bool too_many(const struct gcks_trial_counts *counts)
{
    return (uint64_t)counts->out * 100 > (uint64_t)counts->members * GCKS_OUT_PERCENT;
}

static bool refuse(const struct gcks_trial_counts *counts, struct gk_reason *why)
{
    return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "too-many-out",
                     "the token puts out %lu of %lu members, more than %d in 100: nothing was "
                     "changed",
                     (unsigned long)counts->out, (unsigned long)counts->members, GCKS_OUT_PERCENT);
}

static void tell(struct gcks *g, enum gcks_trial_end end)
{
    static const char *const words[] = {
        [GCKS_TRIAL_JUDGED] = "tried only",   [GCKS_TRIAL_PUBLISHED] = "published",
        [GCKS_TRIAL_REFUSED] = "refused",     [GCKS_TRIAL_DROPPED] = "given up",
        [GCKS_TRIAL_UNCHANGED] = "unchanged",
    };
    struct gcks_trial *trial = &g->trial;

    trial->told.end = end;
    gk_turn_notice(g->turn, GK_INFO, "token-judged", GK_NONE,
                   "a token, %s: %lu of %lu members would be out", words[end],
                   (unsigned long)trial->told.counts.out,
                   (unsigned long)trial->told.counts.members);
}

static void forget(struct gcks *g)
{
    if (g->trial.loaded)
        load_unref(g->trial.loaded);
    g->trial.loaded = NULL;
    g->trial.cursor = 0;
}

void gcks_trial_drop(struct gcks *g)
{
    bool runs = g->trial.told.end == GCKS_TRIAL_RUNS;

    forget(g);
    if (runs)
        tell(g, GCKS_TRIAL_DROPPED);
}

void gcks_trial_free(struct gcks *g)
{
    forget(g);
}

static void decide(struct gcks *g)
{
    struct gcks_trial *trial = &g->trial;
    struct loaded *loaded = trial->loaded;

    trial->told.counts.members = g->members;
    trial->told.too_many = too_many(&trial->told.counts);
    if (trial->told.too_many)
        (void)refuse(&trial->told.counts, &trial->told.why);
    if (gcks_revoked(g, loaded->owner)) { /* by a list that came meanwhile */
        (void)gcks_refuse_revoked(&trial->told.why);
        forget(g);
        tell(g, GCKS_TRIAL_REFUSED);
    } else if (trial->dry) {
        tell(g, GCKS_TRIAL_JUDGED);
    } else if (trial->told.too_many) {
        forget(g);
        tell(g, GCKS_TRIAL_REFUSED);
    } else {
        trial->loaded = NULL;
        tell(g, GCKS_TRIAL_PUBLISHED);
        gcks_stage(g, loaded);
    }
}

/* --- slices -------------------------------------------------------------------------------------
 */

bool gcks_trial_runs(const struct gcks *g)
{
    return g->trial.told.end == GCKS_TRIAL_RUNS;
}

static void start(struct gcks *g)
{
    g->trial.number++;
    g->trial.cursor = 0;
    g->trial.told = (struct gcks_trial_told){.end = GCKS_TRIAL_RUNS};
}

void gcks_trial_tick(struct gcks *g)
{
    struct gcks_trial *trial = &g->trial;

    if (!gcks_trial_runs(g))
        return;
    for (unsigned i = 0; i < g->config.judged_a_turn && trial->cursor < g->entry_count; i++)
        look(g, trial->cursor++);
    if (trial->cursor >= g->entry_count)
        decide(g);
}

/* What was counted was counted by other permissions. */
void gcks_trial_again(struct gcks *g)
{
    if (gcks_trial_runs(g))
        start(g);
    else
        gcks_trial_drop(g);
}

void gcks_trial_begin(struct gcks *g, struct loaded *loaded, bool dry)
{
    gcks_trial_drop(g);
    g->trial.loaded = loaded;
    g->trial.dry = dry;
    start(g);
    gcks_trial_tick(g);
}

void gcks_trial_unchanged(struct gcks *g)
{
    gcks_trial_drop(g);
    g->trial.told = (struct gcks_trial_told){.counts.members = g->members};
    tell(g, GCKS_TRIAL_UNCHANGED);
}

/* --- what operators are told -------------------------------------------------------------------
 */

void gcks_get_trial(const struct gcks *g, struct gcks_trial_told *told)
{
    const struct loaded *loaded = g->trial.loaded;

    *told = g->trial.told;
    told->kept = loaded && g->trial.dry && !gcks_trial_runs(g);
    told->token = told->kept ? gk_secret_octets(&loaded->octets) : GK_NO_OCTETS;
}

bool gcks_next_affected(const struct gcks *g, uint64_t *cursor, bool *more,
                        struct gcks_affected *to)
{
    uint64_t end = *cursor + LOOKED_AT;
    struct gcks_who who;

    *more = false;
    if (!g->trial.loaded || gcks_trial_runs(g))
        return false;
    for (; *cursor < g->entry_count && *cursor < end; (*cursor)++) {
        const struct gcks_entry *entry = &g->entry[*cursor];

        if (entry->trial != g->trial.number || !entry->effect ||
            !gcks_person_who(gk_secret_octets(&entry->person), &who))
            continue;
        *to = (struct gcks_affected){.name = who.name};
        (void)gcks_entry_is_member(entry, &to->member_id);
        to->effect = (enum gcks_effect)judge(g, entry, &to->before, &to->after);
        (*cursor)++;
        return true;
    }
    *more = *cursor < g->entry_count;
    return false;
}
