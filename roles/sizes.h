/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ROLES_SIZES_H
#define ROLES_SIZES_H
/*
 * How long messages become that carry a token: the server asks before it takes one into force,
 * the linter before it is signed. Octets, of the message from its header on. Pure.
 */
#include "roles/rules.h"

#define SIZES_DATAGRAM 65000 /* octets that a UDP datagram takes under IPv4 and IPv6 */

/* What a server puts into each message. */
struct sizes_server {
    size_t group;        /* Group ID Value */
    size_t name;         /* its Signer ID */
    size_t certificates; /* payloads of those that it sends along, headers included */
};

/* The Certificate payload of a certificate. */
size_t sizes_certificate(size_t der);

/* The most that a Key Download has by a signed token of that size: room for names, nonces and the
 * keys of the deepest tree included. */
size_t sizes_download_most(const struct sizes_server *server, size_t token);
/* One as it is by these terms: to a member with a name as long as the server's, `depth` KEKs. */
size_t sizes_download(const struct sizes_server *server, const struct rules_terms *terms,
                      const struct rules_mechanism *mechanism, size_t token, size_t depth);
/* A Rekey Event message beside its data and token, signed by that type. */
size_t sizes_event(const struct sizes_server *server, uint16_t signature);
/* One with a signed token in it, and no data. */
size_t sizes_event_token(const struct sizes_server *server, uint16_t signature, size_t token);

/* Does a Key Download by these terms travel in one datagram? */
bool sizes_by_datagram(const struct rules_terms *terms);

#endif
