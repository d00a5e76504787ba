/* SPDX-License-Identifier: Apache-2.0 */
/* Identities: what the rules judge, copied out of a path into one block. */
#include "roles/pki-parts.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/sha2.h>

#include "gsakmp/digest.h"
#include "token/tlv.h"
#include "token/name-parts.h"

struct block {
    size_t size;
    uint8_t data[];
};

struct pki_key_id pki_key_id_form(const struct x509 *certificate, int form)
{
    struct pki_key_id id = {PKI_KEY_ID_SIZE, {0}};
    struct gk_octets key = certificate->key;
    uint8_t digest[SHA512_DIGEST_SIZE];
    struct sha512_ctx longer;

    switch (form) {
    case 0:
        gk_sha1(key, digest);
        break;
    case 1:
        gk_sha256(key, digest);
        break;
    case 2:
        sha384_init(&longer);
        sha384_update(&longer, key.size, key.data);
        sha384_digest(&longer, SHA384_DIGEST_SIZE, digest);
        break;
    default:
        sha512_init(&longer);
        sha512_update(&longer, key.size, key.data);
        sha512_digest(&longer, SHA512_DIGEST_SIZE, digest);
        break;
    }
    memcpy(id.value, digest, PKI_KEY_ID_SIZE);
    return id;
}

/* Calls `visit` for every slice that lies in the block. */
static void each_slice(struct pki_identity *identity,
                       void (*visit)(struct gk_octets *slice, void *context), void *context)
{
    visit(&identity->name, context);
    visit(&identity->name_key, context);
    visit(&identity->certificate, context);
    visit(&identity->spki, context);
    visit(&identity->subject_der, context);
    visit(&identity->subject_key_id, context);
    visit(&identity->slash_name, context);
    visit(&identity->serial_der, context);
    for (size_t i = 0; i < identity->issuer_count; i++)
        visit(&identity->issuers[i], context);
    for (size_t i = 0; i < identity->san_count; i++)
        visit(&identity->san[i].value, context);
}

static void count_slice(struct gk_octets *slice, void *context)
{
    *(size_t *)context += slice->size;
}

static void place_slice(struct gk_octets *slice, void *context)
{
    struct block *block = context;

    if (slice->size)
        memcpy(block->data + block->size, slice->data, slice->size);
    slice->data = block->data + block->size;
    block->size += slice->size;
}

/* Moves everything that the slices borrow into a block of the identity's own. */
static void settle(struct pki_identity *identity)
{
    size_t size = 0;
    struct block *block;

    each_slice(identity, count_slice, &size);
    block = gk_alloc(1, sizeof *block + size);
    each_slice(identity, place_slice, block);
    identity->arena = block;
}

static void add_ca(struct pki_identity *identity, const struct pki_key_id *id)
{
    identity->ca[identity->ca_count++] = *id;
}

static void take_cas(struct pki_identity *identity, const struct pki_path *path)
{
    /* A trusted certificate that stands alone is its own authority (profile 11.15). */
    size_t first = path->count > 1 ? 1 : 0;
    const struct x509 *root = path->at[path->count - 1];
    struct pki_key_id id = pki_key_id_form(path->at[first], 0);

    memcpy(identity->issuer, id.value, sizeof identity->issuer);
    for (size_t i = first; i < path->count; i++) {
        for (int form = 0; form < PKI_KEY_ID_FORMS; form++) {
            id = pki_key_id_form(path->at[i], form);
            add_ca(identity, &id);
        }
    }
    /* The extension's own value: of local configuration only (profile 11.6). */
    if (root->subject_key_id.size && root->subject_key_id.size <= sizeof id.value) {
        id = (struct pki_key_id){(uint8_t)root->subject_key_id.size, {0}};
        memcpy(id.value, root->subject_key_id.data, root->subject_key_id.size);
        add_ca(identity, &id);
    }
}

static uint8_t type_of_general_name(const struct der_tlv *name)
{
    switch (name->tag) {
    case DER_CONTEXT | 1:
        return GK_ID_RFC822_ADDR;
    case DER_CONTEXT | 2:
        return GK_ID_FQDN;
    case DER_CONTEXT | 7:
        return name->value.size == 4    ? GK_ID_IPV4_ADDR
               : name->value.size == 16 ? GK_ID_IPV6_ADDR
                                        : 0;
    default:
        return 0;
    }
}

static bool take_alternative_names(struct pki_identity *identity, const struct x509 *certificate)
{
    struct gk_reader names = gk_reader(certificate->san);
    struct der_tlv name;

    while (gk_reader_left(&names)) {
        uint8_t type;

        if (!tlv_next(&names, &name))
            return false;
        type = type_of_general_name(&name);
        if (!type)
            continue;
        identity->san = gk_realloc(identity->san, identity->san_count + 1, sizeof identity->san[0]);
        identity->san[identity->san_count++] = (struct pki_san){type, name.value};
    }
    return true;
}

/* Right-aligned; a serial that is negative, zero or too long stays 0, which no rule of type
 * 30 names (RFC 4535 7.6.2.1). */
static void take_serial(struct pki_identity *identity, struct gk_octets serial)
{
    while (serial.size && !serial.data[0])
        serial = gk_octets(serial.data + 1, serial.size - 1);
    if (!serial.size || serial.size > sizeof identity->serial)
        return;
    memcpy(identity->serial + sizeof identity->serial - serial.size, serial.data, serial.size);
}

struct names {
    struct gk_writer text, key, slash;
};

static bool take_names(struct pki_identity *identity, struct gk_octets subject, struct names *names,
                       struct gk_reason *why)
{
    struct name name;

    if (!name_of_der(subject, &names->text, why) || !name_parse_der(&name, subject, why))
        return false;
    name_print_key(&name, &names->key);
    name_print_slash(&name, &names->slash);
    identity->slash_ambiguous = name_slash_ambiguous(&name);
    name_drop(&name);
    identity->name = gk_writer_octets(&names->text);
    identity->name_key = gk_writer_octets(&names->key);
    identity->slash_name = gk_writer_octets(&names->slash);
    return true;
}

struct pki_identity *pki_identity_new(const struct pki_path *path, struct gk_reason *why)
{
    struct pki_identity *identity = gk_alloc(1, sizeof *identity);
    const struct x509 *end = path->at[0];
    struct names names = {{0}, {0}, {0}};
    bool good;

    good = take_names(identity, end->subject, &names, why);
    if (good && !take_alternative_names(identity, end))
        good = gk_refuse(why, GK_AUTHENTICATION_FAILED, GK_NO_OFFSET, "certificate-der",
                         "the certificate's alternative names are malformed");
    if (good) {
        identity->certificate = end->der;
        identity->spki = end->spki;
        identity->subject_der = end->subject;
        identity->subject_key_id = end->subject_key_id;
        gk_sha256(end->der, identity->fingerprint);
        if (!(end->serial.size && end->serial.data[0] & 0x80))
            take_serial(identity, end->serial);
        identity->serial_der = end->serial;
        for (size_t i = 1; i < path->count; i++)
            identity->issuers[identity->issuer_count++] = path->at[i]->der;
        take_cas(identity, path);
        identity->path_length = path->count;
        identity->valid_from = path->valid_from;
        identity->valid_until = path->valid_until;
        identity->crls_newest = path->crls_newest;
        identity->crls_signed = path->crls_signed;
        settle(identity);
    }
    gk_writer_free(&names.text);
    gk_writer_free(&names.key);
    gk_writer_free(&names.slash);
    if (good)
        return identity;
    pki_identity_free(identity);
    return NULL;
}

void pki_identity_free(struct pki_identity *identity)
{
    if (!identity)
        return;
    free(identity->san);
    free(identity->arena);
    free(identity);
}

struct pki_identity *pki_identity_copy(const struct pki_identity *identity)
{
    struct pki_identity *copy = gk_alloc(1, sizeof *copy);

    *copy = *identity;
    if (copy->san_count) {
        copy->san = gk_alloc(copy->san_count, sizeof *copy->san);
        memcpy(copy->san, identity->san, copy->san_count * sizeof *copy->san);
    }
    settle(copy);
    return copy;
}

bool pki_identity_same(const struct pki_identity *a, const struct pki_identity *b)
{
    return memcmp(a->issuer, b->issuer, sizeof a->issuer) == 0 &&
           gk_octets_equal(a->name_key, b->name_key);
}

bool pki_under(const struct pki_identity *identity, struct gk_octets key_id)
{
    for (size_t i = 0; i < identity->ca_count; i++) {
        if (gk_octets_equal(key_id, gk_octets(identity->ca[i].value, identity->ca[i].size)))
            return true;
    }
    return false;
}

void pki_identity_key(const struct pki_identity *identity, struct gk_writer *to)
{
    gk_write_v(to, identity->name_key);
    gk_write(to, identity->issuer, sizeof identity->issuer);
}
