/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_SIGNER_H
#define GSAKMP_SIGNER_H
/*
 * Signers: the only way to a private key. A file, a PKCS#11 module or a process of its own
 * stands behind `sign`; nobody else touches the key. May be used by several threads.
 */
#include "gsakmp/reason.h"

struct gk_signer {
    uint16_t type; /* RFC 4535 table 21 and wire profile section 10 */
    /* Appends the signature in the form that the type gives it. */
    bool (*sign)(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                 struct gk_reason *why);
    void *context;
    size_t size; /* octets that a signature is likely to have, 0 when not known: a right guess
                  * saves the second of two signings (profile 4.2) */
};

#endif
