/* SPDX-License-Identifier: Apache-2.0 */
#include "token/asn1.h"

#include <limits.h>
#include <stdlib.h>

#include <libtasn1.h>

/* Made from token/NAME.asn at build. */
extern const asn1_static_node token_asn1_core[];
extern const asn1_static_node token_asn1_registration[];
extern const asn1_static_node token_asn1_deregistration[];
extern const asn1_static_node token_asn1_rekey[];
extern const asn1_static_node token_asn1_data[];
extern const asn1_static_node token_asn1_cms[];
extern const asn1_static_node token_asn1_envelope[];

static const struct {
    const asn1_static_node *table;
    const char *name;
} modules[] = {
    [ASN1_CORE] = {token_asn1_core, "PolicyToken"},
    [ASN1_REGISTRATION] = {token_asn1_registration, "GSAKMPv1RegistrationSA"},
    [ASN1_DEREGISTRATION] = {token_asn1_deregistration, "GSAKMPv1DeRegistrationSA"},
    [ASN1_REKEY] = {token_asn1_rekey, "GSAKMPv1RekeySA"},
    [ASN1_DATA] = {token_asn1_data, "GenericDataSA"},
    [ASN1_CMS] = {token_asn1_cms, "CryptographicMessageSyntax"},
    [ASN1_ENVELOPE] = {token_asn1_envelope, "EnvelopeSyntax"},
};

const char *asn1_misfit(enum asn1_module module, const char *type, struct gk_octets der)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";
    asn1_node definitions = NULL;
    asn1_node value = NULL;
    char *name = gk_format("%s.%s", modules[module].name, type);
    int size = der.size > INT_MAX ? INT_MAX : (int)der.size;
    int result = asn1_array2tree(modules[module].table, &definitions, NULL);

    if (result == ASN1_SUCCESS)
        result = asn1_create_element(definitions, name, &value);
    if (result != ASN1_SUCCESS)
        abort(); /* our own tables */
    result = asn1_der_decoding2(&value, der.data, &size, ASN1_DECODE_FLAG_STRICT_DER, error);
    (void)asn1_delete_structure(&value);
    (void)asn1_delete_structure(&definitions);
    free(name);
    return result == ASN1_SUCCESS ? NULL : asn1_strerror(result);
}
