/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever octets come as a name, a certificate or a CRL: they are refused with a reason, or
 * what they become holds together. The certificate is also its own root, so that all checks
 * behind the search for a path are reached.
 */
#include <stdlib.h>

#include "token/name-parts.h"
#include "roles/pki.h"
#include "roles/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

/* A name that was printed is read again as the same name. */
static void try_der_name(struct gk_octets octets)
{
    struct gk_writer text = {0};
    struct gk_writer key = {0};
    struct gk_writer again = {0};
    struct name name;

    if (name_of_der(octets, &text, NULL)) {
        must(name_parse_der(&name, octets, NULL));
        name_print_key(&name, &key);
        name_drop(&name);
        must(name_key(gk_writer_octets(&text), &again, NULL));
        must(gk_octets_equal(gk_writer_octets(&key), gk_writer_octets(&again)));
    }
    gk_writer_free(&text);
    gk_writer_free(&key);
    gk_writer_free(&again);
}

static void try_text_name(struct gk_octets octets)
{
    struct gk_reason why = {0};
    struct name name;
    bool wild = false;

    if (!name_parse(&name, octets, &why)) {
        must(why.code && !name_matches(octets, octets, true));
        return;
    }
    must(name.rdn_count >= 1 && name.rdn_count <= name.count && name.count <= NAME_ATTRIBUTES);
    must(name_equal(octets, octets));
    /* A rule without wildcards matches the name that it is. */
    for (size_t i = 0; i < name.count; i++)
        wild |= name.attribute[i].is_any;
    must(wild || name_matches(octets, octets, false));
    must(wild || name_matches(octets, octets, true));
    name_drop(&name);
}

static void try_certificate(struct gk_octets octets)
{
    struct pki_trust trust = {.roots = &octets, .root_count = 1, .tolerate_sha1 = true};
    struct pki_identity *identity;
    struct pki_identity *copy;
    struct gk_reason why = {0};
    struct x509 parsed;

    if (!pki_validate(&trust, &octets, 1, NULL, 0, 1767225600, &identity, &why)) {
        must(why.code && why.notification);
    } else {
        must(identity->name.size && identity->path_length == 1 && identity->ca_count);
        copy = pki_identity_copy(identity);
        must(pki_identity_same(copy, identity));
        pki_identity_free(copy);
        pki_identity_free(identity);
    }
    if (x509_parse(&parsed, octets, &why) && parsed.has_constraints)
        must(x509_constraints_permit(parsed.constraints, &parsed, &why) || why.code);
}

static void try_crl(struct gk_octets octets)
{
    struct x509_crl crl;

    if (!x509_crl_parse(&crl, octets, NULL))
        return;
    must(!x509_crl_newer(&crl, &crl));
    (void)x509_crl_lists(&crl, gk_octets("\x01", 1));
    (void)x509_signed_by(&crl.signature, octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_octets octets = gk_octets(data, size);

    try_der_name(octets);
    try_text_name(octets);
    try_certificate(octets);
    try_crl(octets);
    return 0;
}
