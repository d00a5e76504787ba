/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CMS_H
#define TOKEN_CMS_H
/*
 * The signed token: CMS SignedData around the token's DER (RFC 4534 2, RFC 5652, wire
 * profile 11.4). This knows the envelope's form and one signature; whether the signer's
 * certificate chains to a trusted root and is the Group Owner is for roles/ to say.
 */
#include "gsakmp/reason.h"
#include "gsakmp/signer.h"
#include "gsakmp/stamp.h"

#define CMS_CERTIFICATES 10

/* Borrows from the signed octets. */
struct cms {
    struct gk_octets content; /* eContent: the token's DER */
    struct gk_octets signer;  /* the signer's certificate, DER */
    size_t certificate_count; /* all embedded ones, the signer's included */
    struct gk_octets certificate[CMS_CERTIFICATES];
    size_t crl_count;
    struct gk_octets crl[CMS_CERTIFICATES];
    gk_time signing_time;
    bool formed;           /* the form passed; what is wrong then is wrong with the signer */
    const char *algorithm; /* "Ed25519", "ECDSA P-256 with SHA-256" */
    bool sha1;             /* over SHA-1: for local policy to tolerate */
};

/* Checks the form strictly, then the signature under the signer certificate's key. */
bool cms_verify(struct cms *cms, struct gk_octets signed_token, struct gk_reason *why) GK_MUST_USE;

/* Appends the ContentInfo. `certificates` are DER, the signer's first, then intermediates,
 * never the root; in the envelope they stand in DER's order of a SET OF. The signer's type is
 * one of gsakmp/suite.h; the sid is issuerAndSerialNumber. RSA keys sign by PKCS #1 v1.5 with
 * SHA-256, DSA keys with SHA-256. What was made is verified before it is given out. */
bool cms_sign(struct gk_octets content, const struct gk_octets *certificates, size_t count,
              const struct gk_signer *signer, gk_time signing_time, struct gk_writer *to,
              struct gk_reason *why) GK_MUST_USE;
/* The same with an algorithm by name: "rsa-sha256", "rsa-pss-sha384", "dsa-sha1" and their
 * like; NULL as above. */
bool cms_sign_with(const char *algorithm, struct gk_octets content,
                   const struct gk_octets *certificates, size_t count,
                   const struct gk_signer *signer, gk_time signing_time, struct gk_writer *to,
                   struct gk_reason *why) GK_MUST_USE;

#endif
