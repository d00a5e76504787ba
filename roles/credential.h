/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_CREDENTIAL_H
#define ROLES_CREDENTIAL_H
/*
 * A credential: a private key behind its signer, and the certificates that say whose it is, in
 * DER, end entity first, then intermediates. A host has one for each signature type that it
 * signs with (profile 12.11). Borrowed, and used on any thread.
 */
#include "gsakmp/signer.h"

#define CREDENTIALS_MOST 8

struct credential {
    const struct gk_signer *signer;
    const struct gk_octets *certificates;
    size_t certificate_count;
};

#endif
