/* SPDX-License-Identifier: Apache-2.0 */
/* Messages made of messages. */
#include "tests/roles/fault.h"

#include <stdlib.h>
#include <string.h>

static struct gk_octets kept(struct gk_writer *writer)
{
    char *hex = gk_hex(gk_writer_octets(writer));
    struct gk_octets octets = test_unhex(hex);

    free(hex);
    gk_writer_free(writer);
    return octets;
}

static void change_certificates(struct gk_message *message, const struct fault_change *change)
{
    if (change->certificate) {
        message->certificate_count = 1;
        message->certificate[0] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, change->certificate->certificate};
    }
    if (change->besides) {
        memmove(message->certificate + 1, message->certificate,
                (GK_MESSAGE_CERTIFICATES - 1) * sizeof *message->certificate);
        message->certificate_count++;
        message->certificate[0] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, change->besides->certificate};
    }
    if (change->issuer)
        message->certificate[message->certificate_count++] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, change->issuer->certificate};
}

static void change_message(struct gk_message *message, const struct fault_change *change)
{
    message->group.value[message->group.size - 1] ^= change->group;
    if (change->sequence)
        message->sequence = change->sequence;
    if (change->stamp)
        message->signature.stamp = change->stamp;
    if (change->event_stamp)
        message->rekey[0].stamp = change->event_stamp;
    if (change->empty_event) {
        message->rekey[0].type = GK_REKEY_NONE;
        message->rekey[0].count = 0;
        message->rekey[0].data = GK_NO_OCTETS;
        message->has_token = false;
    }
    if (change->signer_id)
        message->signature.signer_id = gk_octets_of(change->signer_id);
    change_certificates(message, change);
    /* What stood in force in the original does so still. */
    message->private_inside = message->vendor;
}

static void must(bool good, const struct gk_reason *why)
{
    if (good)
        return;
    printf("\n    forging: %s\n", why->text);
    abort();
}

struct gk_octets fault_forge(struct gk_octets original, const struct fault_change *change)
{
    struct gk_signer signer = {0};
    struct gk_writer writer = {0};
    struct gk_message message;
    struct gk_reason why;

    must(gk_message_parse(&message, original, NULL, GK_EXCHANGE_ANY, &why), &why);
    must(gk_signer_open(&signer, change->key->key, -1, NULL, &why), &why);
    change_message(&message, change);
    must(gk_message_build(&message, &signer, &writer, &why), &why);
    gk_signer_free(&signer);
    return kept(&writer);
}

/* The Length stands behind Group ID, Next Payload, Version, Exchange Type and Sequence ID. */
static size_t length_at(struct gk_octets octets)
{
    return (size_t)2 + octets.data[1] + 7;
}

void fault_cut(struct gk_octets original, size_t size, bool told, struct gk_writer *to)
{
    size_t at = length_at(original);
    uint8_t length[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                         (uint8_t)size};

    if (!told || size < at + sizeof length) {
        gk_write(to, original.data, size);
        return;
    }
    gk_write(to, original.data, at);
    gk_write(to, length, sizeof length);
    gk_write(to, original.data + at + sizeof length, size - at - sizeof length);
}

/* Of a signature r | s over P-256, r | n - s. */
static bool mirror(const struct gk_message *message, size_t signature, struct gk_octets octets,
                   struct gk_writer *to)
{
    static const uint8_t n[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    int borrow = 0;

    if (message->signature.type != 49154)
        return false;
    gk_write_octets(to, octets);
    for (size_t i = 32; i--;) {
        int digit = n[i] - to->data[signature + 32 + i] - borrow;

        borrow = digit < 0;
        to->data[signature + 32 + i] = (uint8_t)(digit + 256 * borrow);
    }
    return true;
}

bool fault_unsigned_variant(struct gk_octets original, unsigned index, struct gk_writer *to)
{
    struct gk_message message;
    size_t signature, certificates, at;
    struct gk_octets octets;

    if (!gk_message_parse(&message, original, NULL, GK_EXCHANGE_ANY, NULL) ||
        !message.has_signature)
        return false;
    signature = (size_t)(message.signature.signature.data - original.data);
    certificates = signature + message.signature.signature.size;
    octets = original;
    switch (index) {
    case 0: /* first octet of the signature */
        at = signature;
        break;
    case 1: /* its last */
        at = certificates - 1;
        break;
    case 2: /* the first of the certificates, or nothing behind the signature */
        at = certificates;
        break;
    case 3:
        at = original.size - 1;
        break;
    case 4: /* one octet in the midst of the certificate */
        at = certificates + (original.size - certificates) / 2;
        break;
    case 5: /* behind the end */
        gk_write_octets(to, octets);
        gk_write_u8(to, 0);
        return true;
    case 6: /* without certificates */
        gk_write(to, octets.data, certificates);
        return true;
    case 7:
        return mirror(&message, signature, octets, to);
    default:
        return false;
    }
    gk_write_octets(to, octets);
    if (at < octets.size)
        to->data[at] ^= 0x40;
    return true;
}
