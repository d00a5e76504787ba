/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_STRENGTH_H
#define TOKEN_STRENGTH_H
/*
 * How strong is an algorithm? The ranking by which one policy is called weaker than another.
 *
 * Bits of security as NIST SP 800-57 part 1 (revision 5, tables 2 and 3) counts them, for each
 * algorithm of gsakmp/suite.h that a token can name:
 *
 *      80  DSS-SHA1, MODP-1024, and the nonce hash SHA-1
 *      80  AES-CBC-128, AES-CTR and 3DES-CBC: whatever the key, these wraps have no tag, and what
 *          opens may have been altered on its way
 *     112  MODP-2048; RSA-PSS, whose keys begin at 2048 bits
 *     128  Ed25519, ECDSA P-256, X25519, ECDH P-256, AES-128-GCM, and the nonce hash SHA-256
 *     192  ECDSA P-384, ECDSA-P384-SHA3
 *     256  AES-256-GCM, ChaCha20-Poly1305
 *       0  RSA1024-MD5, which is broken
 *
 * A list of mechanisms is as strong as the weakest that it allows, signature, nonce hash, key
 * creation and key wrap each by itself.
 */
#include "gsakmp/registry.h"

#define TOKEN_STRENGTH_UNKNOWN (-1) /* no table has the value */
int token_strength(enum gk_registry registry, int64_t value);

#endif
