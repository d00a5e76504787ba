/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/sizes.h"

#include "gsakmp/stamp.h"

#define GENERIC       4 /* Next Payload, RESERVED, Payload Length */
#define VENDOR        (GENERIC + 16)
#define DOWNLOAD_ROOM 5120 /* names, nonces and the keys of the deepest tree */
#define NONCE         32   /* octets that senders draw (profile 5.1) */
#define DATUM         (2 + 4 + 4 + 2 * GK_STAMP_SIZE) /* beside the key (RFC 4535 7.4.1.1.1) */
#define SEALED        64                              /* what any key wrap adds to a token */

size_t sizes_certificate(size_t der)
{
    return GENERIC + 2 + der;
}

static size_t header(const struct sizes_server *server)
{
    return 2 + server->group + 11;
}

static size_t signature(const struct sizes_server *server, uint16_t type)
{
    const struct gk_signature_scheme *scheme = gk_signature_find(type);

    return GENERIC + 2 + 1 + GK_STAMP_SIZE + 2 + server->name + 2 +
           (scheme ? scheme->size_most : 0);
}

size_t sizes_download_most(const struct sizes_server *server, size_t token)
{
    return token + DOWNLOAD_ROOM + server->certificates;
}

static size_t datum(uint16_t type)
{
    const struct gk_wrap *wrap = gk_wrap_find(type);

    return DATUM + (wrap ? wrap->key_size : 0);
}

/* Inside the Key Download payload (RFC 4535 7.4): GTPKs, then the Rekey Array. */
static size_t keys(const struct rules_terms *terms, size_t depth)
{
    size_t size = 2;

    for (size_t i = 0; i < terms->gtpk_count; i++)
        size += 3 + datum(terms->gtpk[i].key_type);
    if (terms->rekeys && terms->rekey->method == TOKEN_METHOD_LKH)
        size += 3 + 7 + depth * datum(terms->kek_type);
    return size;
}

size_t sizes_download(const struct sizes_server *server, const struct rules_terms *terms,
                      const struct rules_mechanism *mechanism, size_t token, size_t depth)
{
    const struct gk_wrap *wrap = gk_wrap_find(mechanism->algorithms.key_wrap);
    const struct gk_creation *creation = gk_creation_find(mechanism->algorithms.key_creation);
    const struct gk_nonce_hash *hash = gk_nonce_hash_find(mechanism->algorithms.nonce_hash);
    size_t overhead = wrap ? wrap->overhead : 0;
    size_t size = header(server) + GENERIC + 2 + server->name;

    if (!mechanism->timestamp)
        size += GENERIC + 1 + NONCE + GENERIC + 1 + (hash ? hash->size : 0);
    size += GENERIC + 2 + (creation ? creation->public_size : 0);
    size += GENERIC + 2 + token + overhead;
    size += GENERIC + keys(terms, depth) + overhead;
    return size + VENDOR + signature(server, mechanism->algorithms.signature) +
           server->certificates;
}

size_t sizes_event(const struct sizes_server *server, uint16_t type)
{
    return header(server) + GENERIC + 1 + server->group + GK_STAMP_SIZE + 4 +
           signature(server, type) + VENDOR + server->certificates;
}

size_t sizes_event_token(const struct sizes_server *server, uint16_t type, size_t token)
{
    return sizes_event(server, type) + token + SEALED;
}

bool sizes_by_datagram(const struct rules_terms *terms)
{
    for (size_t i = 0; i < terms->mechanism_count; i++) {
        if (terms->mechanism[i].transport == TOKEN_UDP)
            return true;
    }
    return false;
}
