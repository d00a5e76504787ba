/* SPDX-License-Identifier: Apache-2.0 */
/* Family 03: the group's name and the edition. */
#include <inttypes.h>
#include <string.h>

#include "token/lint-who.h"

#define RANDOM        8                  /* octets that begin a Group ID of types 2 to 4 */
#define RANDOM_DIGITS 16                 /* the same in one of type 1 */
#define EXACT_NUMBER  (INT64_C(1) << 53) /* what JSON readers keep exactly (RFC 8259 6) */

static void judge_edition(const struct token_linting *linting)
{
    const struct token *token = linting->token;

    if (!token->has_edition)
        finding_add(linting->findings, "edition-absent",
                    finding_spot(&token->id_place, "tokenInfo.edition"),
                    "without an edition no later token of this kind can replace this one");
    else if (token->edition >= EXACT_NUMBER)
        finding_add(linting->findings, "edition-far",
                    finding_spot(&token->id_place, "tokenInfo.edition"),
                    "edition %" PRId64 " can never be taken back: members accept only higher ones",
                    token->edition);
}

/* --- the random part ---------------------------------------------------------------------- */

static bool is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           strchr(" -_.", c);
}

static int upper_digit(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Type 1: 16 digits and a name. */
static bool read_digits(struct gk_octets name, uint8_t to[RANDOM])
{
    if (name.size <= RANDOM_DIGITS)
        return false;
    for (size_t i = 0; i < RANDOM; i++) {
        int high = upper_digit(name.data[2 * i]);
        int low = upper_digit(name.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* What chance gives to one group in fifty thousand. */
static const char *drawn_by_hand(const uint8_t drawn[RANDOM], bool digits)
{
    bool seen[256] = {false};
    size_t different = 0;
    bool steps = true;
    bool words = true;

    for (size_t i = 0; i < RANDOM; i++) {
        different += !seen[drawn[i]];
        seen[drawn[i]] = true;
        steps &= i == 0 || (uint8_t)(drawn[i] - drawn[i - 1]) == (uint8_t)(drawn[1] - drawn[0]);
        words &= drawn[i] && is_word(drawn[i]);
    }
    return different < 4      ? "holds fewer than four different octets"
           : steps            ? "counts up"
           : words && !digits ? "is text"
                              : NULL;
}

static void judge_name(const struct token_linting *linting)
{
    const struct token *token = linting->token;
    struct finding_spot spot = finding_spot(&token->id_place, "tokenInfo.groupName");
    uint8_t drawn[RANDOM];
    const char *wrong;
    bool digits;

    if (token->group_name.size <= RANDOM) {
        finding_add(linting->findings, "group-short", spot,
                    "the group's name has %zu octets, which no Group ID type allows",
                    token->group_name.size);
        return;
    }
    digits = read_digits(token->group_name, drawn);
    if (!digits)
        memcpy(drawn, token->group_name.data, RANDOM);
    wrong = drawn_by_hand(drawn, digits);
    if (wrong)
        finding_add(linting->findings, "group-not-random", spot,
                    "the random part of the group's name %s: another group may have it too", wrong);
}

void lint_identifiers(const struct token_linting *linting)
{
    judge_edition(linting);
    judge_name(linting);
}
