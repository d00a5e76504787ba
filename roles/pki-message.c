/* SPDX-License-Identifier: Apache-2.0 */
/* The signer of a message (profile 4.3, 4.4). */
#include "token/name.h"
#include "roles/pki-parts.h"

struct brought {
    size_t certificate_count, crl_count;
    struct gk_octets certificate[GK_MESSAGE_CERTIFICATES], crl[GK_MESSAGE_CERTIFICATES];
};

static bool sort_payloads(struct brought *brought, const struct gk_message *message,
                          struct gk_reason *why)
{
    for (size_t i = 0; i < message->certificate_count; i++) {
        const struct gk_certificate_payload *payload = &message->certificate[i];

        switch (payload->type) {
        case GK_CERTIFICATE_X509:
            brought->certificate[brought->certificate_count++] = payload->data;
            break;
        case GK_CERTIFICATE_CRL:
            brought->crl[brought->crl_count++] = payload->data;
            break;
        default:
            return gk_refuse(why, GK_CERT_TYPE_UNSUPPORTED, GK_NO_OFFSET, "certificate-type",
                             "certificate type %u is not processed, 4 and 7 are", payload->type);
        }
    }
    return true;
}

bool pki_signer_of_message(const struct pki_trust *trust, const struct gk_message *message,
                           gk_time at, struct pki_identity **identity, struct gk_reason *why)
{
    const struct gk_signature_payload *signature = &message->signature;
    struct brought brought = {0};
    struct gk_writer key = {0};
    bool same;

    *identity = NULL;
    if (!message->has_signature)
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, GK_NO_OFFSET, "no-signature",
                         "the message has no Signature payload");
    if (signature->id_type != GK_ID_DN_STRING)
        return gk_refuse(why, GK_INVALID_ID_INFORMATION, signature->offset, "signer-id-type",
                         "the Signer ID has type %u, only %d (a name of RFC 4514) is processed",
                         signature->id_type, GK_ID_DN_STRING);
    if (!name_key(signature->signer_id, &key, why))
        return false;
    same = sort_payloads(&brought, message, why) &&
           pki_validate(trust, brought.certificate, brought.certificate_count, brought.crl,
                        brought.crl_count, at, identity, why);
    if (same && !gk_octets_equal((*identity)->name_key, gk_writer_octets(&key))) {
        pki_identity_free(*identity);
        *identity = NULL;
        same = gk_refuse(why, GK_AUTHENTICATION_FAILED, signature->offset, "signer-name",
                         "the Signer ID is not the subject of the first certificate");
    }
    gk_writer_free(&key);
    return same;
}
