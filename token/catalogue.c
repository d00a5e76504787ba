/* SPDX-License-Identifier: Apache-2.0 */
#include "token/catalogue.h"

#include <string.h>

static const struct finding_family *const families[] = {
    &catalogue_form,        &catalogue_envelope,   &catalogue_identifiers, &catalogue_roles,
    &catalogue_access,      &catalogue_mechanisms, &catalogue_sizes,       &catalogue_rekey,
    &catalogue_distributed, &catalogue_data,       &catalogue_time,        &catalogue_errata,
    &catalogue_source,      &catalogue_owner,      &catalogue_departure,
};

const struct finding_family *finding_family_at(size_t index)
{
    return index < sizeof families / sizeof *families ? families[index] : NULL;
}

/* Is the word one of `words`, which have blanks between them? */
static bool among(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = words; at; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, word, size) == 0 && (!at[size] || at[size] == ' '))
            return true;
    }
    return false;
}

static const struct finding_rule *find(const char *text, bool (*is)(const struct finding_rule *rule,
                                                                    const char *text))
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        for (size_t k = 0; k < families[i]->count; k++) {
            if (is(&families[i]->rules[k], text))
                return &families[i]->rules[k];
        }
    }
    return NULL;
}

static bool has_id(const struct finding_rule *rule, const char *id)
{
    return strcmp(rule->id, id) == 0;
}

static bool has_code(const struct finding_rule *rule, const char *code)
{
    return strcmp(rule->name, code) == 0 || (rule->codes && among(rule->codes, code));
}

const struct finding_rule *finding_rule_named(const char *id)
{
    return find(id, has_id);
}

const struct finding_rule *finding_rule_of(const char *code)
{
    const struct finding_rule *rule = code ? find(code, has_code) : NULL;

    return rule ? rule : &catalogue_form.rules[0];
}
