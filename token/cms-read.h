/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CMS_READ_H
#define TOKEN_CMS_READ_H
/* Between cms-read.c, which takes a ContentInfo apart, and cms-verify.c, which judges it. */
#include "token/cms.h"
#include "token/der-read.h"

struct cms_signer_info {
    int64_t version;
    bool by_key_id;
    struct gk_octets issuer; /* whole Name */
    struct gk_octets serial;
    struct gk_octets key_id;
    char digest[OID_TEXT];
    struct gk_octets attributes; /* whole, under tag A0 */
    struct gk_octets message_digest;
    size_t content_types, message_digests, signing_times; /* how many of each */
    char signature_algorithm[OID_TEXT];
    struct gk_octets signature;
};

struct cms_reading {
    struct der_in in;
    struct cms *cms;
    struct cms_signer_info signer;
    struct gk_reader digests; /* digestAlgorithms */
};

/* Reads all of it; reading->in tells whether it could. */
void cms_read(struct cms_reading *reading, struct gk_octets octets);
/* AlgorithmIdentifier of a digest: parameters absent or NULL (wire profile 11.4). */
void cms_read_digest_algorithm(struct der_in *in, struct gk_reader *reader, const char *name,
                               char oid[OID_TEXT]);

#endif
