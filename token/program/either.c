/* SPDX-License-Identifier: Apache-2.0 */
#include "token/program/either.h"

#include "token/der.h"
#include "token/name.h"

#define NAME_ROOM 512

static bool open_signed(struct either *either, struct gk_octets file, struct gk_reason *why)
{
    struct cms cms;

    if (!cms_verify(&cms, file, why))
        return false;
    either->is_signed = true;
    either->signing_time = cms.signing_time;
    if (!name_of_certificate(cms.signer, &either->signer, NULL))
        gk_write_octets(&either->signer, gk_octets_of("a certificate without a usable name"));
    either->token = token_from_der(cms.content, why);
    return either->token != NULL;
}

bool either_load(struct either *either, const char *path, struct gk_reason *why)
{
    struct gk_octets file;

    *either = (struct either){.path = path};
    if (!load_file(path, &either->file, why))
        return false;
    file = gk_secret_octets(&either->file);
    if (token_kind_of(file) == TOKEN_KIND_SIGNED)
        return open_signed(either, file, why);
    either->token = token_of(path, file, why);
    if (either->token && !token_fits(either->token, why)) {
        token_free(either->token);
        either->token = NULL;
    }
    return either->token != NULL;
}

bool either_verify(struct either *either, struct trust *trust, struct gk_reason *why)
{
    struct gk_octets file = gk_secret_octets(&either->file);
    struct loaded *loaded;

    if (!trust->owner || !either->is_signed)
        return true;
    if (!trust_group(trust, file, why) || (trust->last && !trust_last(trust, why)))
        return false;
    loaded = load_token(file, &trust->policy, trust->last ? &trust->mark : NULL, trust->now, why);
    either->verified = loaded != NULL;
    load_unref(loaded);
    return either->verified;
}

void either_free(struct either *either)
{
    token_free(either->token);
    gk_secret_free(&either->file);
    gk_writer_free(&either->signer);
    *either = (struct either){0};
}

char *either_name(const struct either *either)
{
    char path[NAME_ROOM];
    char name[NAME_ROOM];
    char stamp[GK_STAMP_SIZE + 1];

    (void)gk_escape(path, sizeof path, gk_octets_of(either->path));
    if (!either->is_signed)
        return gk_format("%s (not signed)", path);
    gk_stamp_format(either->signing_time, stamp);
    return gk_format("%s (signed %s by %s, %sverified)", path, stamp,
                     gk_escape(name, sizeof name, gk_writer_octets(&either->signer)),
                     either->verified ? "" : "not ");
}
