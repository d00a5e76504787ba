/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/token/ledger-maker.h"

#include "tests/harness.h"
#include "tests/token/build.h"
#include "tests/token/made.h"
#include "token/cms.h"
#include "token/der.h"
#include "token/name.h"

/* One key and certificate for the whole program. */
static const struct made *owner(void)
{
    static struct made made;

    if (!made.certificate.size)
        made = made_curve(GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_DIG_SHA256);
    return &made;
}

struct gk_octets made_owner(void)
{
    static struct gk_writer name;

    if (!name.size && !name_of_certificate(owner()->certificate, &name, NULL))
        made_must(-1);
    return gk_writer_octets(&name);
}

struct gk_secret made_signed(const char *group, int64_t edition, gk_time at)
{
    struct token *token = build_token();
    struct gk_writer der = {0};
    struct gk_writer out = {0};
    struct gk_octets before = token->group_name;

    token->group_name = gk_octets_of(group);
    token->has_edition = edition != 0;
    token->edition = edition;
    CU_ASSERT_TRUE_FATAL(token_to_der(token, &der, NULL));
    token->group_name = before;
    token_free(token);
    CU_ASSERT_TRUE_FATAL(cms_sign(gk_writer_octets(&der), &owner()->certificate, 1,
                                  &owner()->signer, at, &out, NULL));
    gk_writer_free(&der);
    return gk_writer_take(&out);
}

struct ledger_entry made_entry(const char *group, int64_t edition, gk_time at)
{
    struct gk_secret octets = made_signed(group, edition, at);
    struct ledger_entry entry;
    struct gk_reason why = {0};

    CU_ASSERT_TRUE_FATAL(ledger_entry_of(gk_secret_octets(&octets), &entry, &why));
    gk_secret_free(&octets);
    return entry;
}
