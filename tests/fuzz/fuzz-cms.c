/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever octets come: they are refused with a reason, or they are a signed token, and then
 * canonical DER throughout. The octets are also read as a certificate, a CRL and a signature
 * value.
 */
#include <stdlib.h>

#include "token/cms.h"
#include "token/der-certificate.h"
#include "token/der.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static void within(struct gk_octets part, struct gk_octets whole)
{
    must(part.data >= whole.data && part.size <= whole.size &&
         (size_t)(part.data - whole.data) <= whole.size - part.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_octets octets = gk_octets(data, size);
    struct gk_reason why = {0};
    struct cms cms;

    if (cms_verify(&cms, octets, &why)) {
        must(der_check(octets, &why) && cms.algorithm);
        within(cms.content, octets);
        within(cms.signer, octets);
    } else {
        must(why.code && *why.text && (why.offset <= size || why.offset == GK_NO_OFFSET));
    }
    if (der_check_certificate(octets, NULL, &why) || der_check_crl(octets, &why) ||
        der_check_signature(octets, NULL, NULL, &why))
        must(der_check(octets, &why));
    return 0;
}
