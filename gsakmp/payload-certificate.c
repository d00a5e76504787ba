/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.7, profile 4.4, 4.10. What a certificate says is judged elsewhere. */
#include "gsakmp/payload.h"

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    struct gk_certificate_payload certificate = {.type = gk_read_u16(body)};

    certificate.data = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Certificate", why);
    if (certificate.type != GK_CERTIFICATE_X509 && certificate.type != GK_CERTIFICATE_CRL)
        return gk_refuse(why, GK_CERT_TYPE_UNSUPPORTED, at, "certificate-type",
                         "certificate type %u (%s) is not processed", certificate.type,
                         gk_registry_name(GK_REGISTRY_CERTIFICATE, certificate.type));
    if (message->certificate_count == GK_MESSAGE_CERTIFICATES)
        return gk_refuse(why, GK_AUTHENTICATION_FAILED, at, "certificate-count",
                         "a message has at most %d certificate payloads", GK_MESSAGE_CERTIFICATES);
    message->certificate[message->certificate_count++] = certificate;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->certificate_count;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    gk_write_u16(to, message->certificate[index].type);
    gk_write_octets(to, message->certificate[index].data);
}

const struct gk_payload_kind gk_payload_certificate = {true, parse, count, write};
