/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_DATUM_H
#define GSAKMP_DATUM_H
/* Octets for GnuTLS, which reads them through a pointer that lacks const and counts in unsigned
 * int: more would be cut, so that they end the program (all that comes here is bounded). */
#include <limits.h>
#include <stdlib.h>

#include <gnutls/gnutls.h>

#include "gsakmp/octets.h"

static inline gnutls_datum_t gk_datum(struct gk_octets octets)
{
    if (octets.size > UINT_MAX)
        abort();
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)octets.data, (unsigned)octets.size};
}

#endif
