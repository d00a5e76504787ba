/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_SEAL_ENVELOPE_H
#define ROLES_SEAL_ENVELOPE_H
/*
 * Envelopes: files under a group's key, as CMS (RFC 5652, RFC 5083): one content key, wrapped
 * for a key-encryption key that is named by 8 octets, the group key's KeyID and handle.
 *
 *     ContentInfo { AuthEnvelopedData or EnvelopedData {
 *         KEKRecipientInfo { KeyID | handle, AES key wrap, wrapped content key }
 *         AES-GCM or AES-CBC, IV, encrypted content, and for GCM its tag } }
 *
 * This is the form alone; what it means cryptographically is seal.h's. Strict DER is read and
 * written, and both are held against token/envelope.asn by libtasn1. Recipients of other kinds,
 * or with other names, are stepped over; attributes and originators are refused.
 */
#include "gsakmp/reason.h"

#define ENVELOPE_MAX        ((size_t)64 << 20) /* octets, sealed */
#define ENVELOPE_RECIPIENTS 16

struct envelope_recipient {
    uint32_t id, handle;
    size_t kek_size; /* 16 or 32 */
    struct gk_octets wrapped;
};

struct envelope {
    bool authenticated; /* AuthEnvelopedData with GCM; else EnvelopedData with CBC */
    size_t recipient_count;
    struct envelope_recipient recipient[ENVELOPE_RECIPIENTS];
    size_t key_size;          /* of the content key: 16 or 32 */
    struct gk_octets iv;      /* 12 or 16 octets */
    struct gk_octets content; /* encrypted */
    struct gk_octets tag;     /* 16 octets; none with CBC */
};

/* Borrows the octets. Codes: what token/der-read.h has, "envelope-type", "envelope-algorithm",
 * "envelope-recipient" (none by a key's name), "envelope-size", "envelope-part". */
bool envelope_read(struct gk_octets der, struct envelope *envelope,
                   struct gk_reason *why) GK_MUST_USE;
/* One recipient is written. */
void envelope_write(const struct envelope *envelope, struct gk_writer *to);

#endif
