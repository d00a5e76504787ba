/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_ANNOUNCE_H
#define TOKEN_ANNOUNCE_H
/*
 * The group announcement: one file that tells a member, before it has any token, all that it
 * must know of a group (wire profile 1.5, 2.1, 6.1): the Group ID, the mechanism, the owner,
 * the roots that it trusts, where the servers are, and where rekeys come from.
 *
 * It is not signed: who gets it compares the fingerprint with the owner, by voice or on paper.
 * The format is JSON (gsakmp-announcement(5)). Reading is strict: unknown, missing and repeated
 * keys are refused. The fingerprint covers the canonical form, in which the same announcement
 * has the same octets everywhere, however the file was laid out.
 */
#include "gsakmp/message.h"
#include "gsakmp/reason.h"
#include "gsakmp/suite.h"

#define ANNOUNCEMENT_MAX     ((size_t)1 << 18)
#define ANNOUNCEMENT_ROOTS   16
#define ANNOUNCEMENT_SERVERS 16
#define ANNOUNCEMENT_REKEYS  16
/* 16 groups of 4 hexadecimal digits. */
#define ANNOUNCEMENT_FINGERPRINT_TEXT 80

struct announcement_server {
    char *host; /* a name or a numeric address */
    uint16_t port;
    bool tcp;
};

struct announcement_rekey {
    char *address; /* numeric; multicast, or this member's own */
    uint16_t port;
};

struct announcement {
    struct gk_group group;
    bool has_least_edition;
    int64_t least_edition; /* for a first join (wire profile 11.5) */
    struct gk_mechanism mechanism;
    char *owner;                   /* name as of wire profile 4.3 */
    uint8_t owner_fingerprint[32]; /* SHA-256 of its certificate */
    size_t root_count;
    struct gk_secret root[ANNOUNCEMENT_ROOTS]; /* DER */
    size_t server_count;
    struct announcement_server server[ANNOUNCEMENT_SERVERS]; /* in order of preference */
    size_t rekey_count;
    struct announcement_rekey rekey[ANNOUNCEMENT_REKEYS];
};

/* NULL when refused; free with announcement_free. */
struct announcement *announcement_read(struct gk_octets octets, struct gk_reason *why) GK_MUST_USE;
/* Judges what the caller filled as announcement_read would, and appends the file. */
bool announcement_write(const struct announcement *announcement, struct gk_writer *to,
                        struct gk_reason *why) GK_MUST_USE;
/* "3FA0 9B12 ...": SHA-256 over the canonical form. */
void announcement_fingerprint(const struct announcement *announcement,
                              char text[ANNOUNCEMENT_FINGERPRINT_TEXT]);
void announcement_free(struct announcement *announcement);

#endif
