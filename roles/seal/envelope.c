/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/seal/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "token/asn1.h"
#include "token/der-read.h"
#include "token/der-write.h"

#define OID_DATA      "1.2.840.113549.1.7.1"
#define OID_ENVELOPED "1.2.840.113549.1.7.3"
#define OID_AUTH      "1.2.840.113549.1.9.16.1.23" /* RFC 5083 */

#define KEKRI     (DER_CONTEXT_CONSTRUCTED | 2)
#define TAG_SIZE  16
#define LEAST_CBC 16

/* RFC 3565 2.1 and 2.3.2, RFC 5084 3.2. */
static const struct {
    size_t size;
    const char *wrap, *cbc, *gcm;
} algorithms[] = {
    {16, "2.16.840.1.101.3.4.1.5", "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.6"},
    {32, "2.16.840.1.101.3.4.1.45", "2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.46"},
};
#define SIZES (sizeof algorithms / sizeof *algorithms)

static size_t row_of(size_t size)
{
    for (size_t i = 0; i < SIZES; i++) {
        if (algorithms[i].size == size)
            return i;
    }
    abort();
}

/* --- reading ---------------------------------------------------------------------------- */

/* KEKIdentifier: eight octets and nothing else; false for another name. */
static bool read_name(struct der_in *in, struct gk_reader *kekri,
                      struct envelope_recipient *recipient)
{
    struct gk_reader name = der_enter(in, kekri, DER_SEQUENCE, "kekid");
    struct gk_octets octets = der_read_octets(in, &name, "keyIdentifier");
    struct gk_reader reader = gk_reader(octets);
    bool ours = octets.size == 8 && !der_more(in, &name);

    recipient->id = gk_read_u32(&reader);
    recipient->handle = gk_read_u32(&reader);
    while (der_more(in, &name))
        (void)der_read_whole(in, &name, der_peek(in, &name), "other");
    der_leave(in, &name);
    return ours;
}

static bool read_wrap(struct der_in *in, struct gk_reader *kekri,
                      struct envelope_recipient *recipient)
{
    struct gk_reader algorithm = der_enter(in, kekri, DER_SEQUENCE, "keyEncryptionAlgorithm");
    char oid[OID_TEXT];
    bool ours = false;

    der_read_oid(in, &algorithm, DER_OID, "algorithm", oid);
    for (size_t i = 0; der_ok(in) && i < SIZES; i++) {
        if (strcmp(oid, algorithms[i].wrap) == 0) {
            recipient->kek_size = algorithms[i].size;
            ours = !der_more(in, &algorithm);
        }
    }
    while (der_more(in, &algorithm))
        (void)der_read_whole(in, &algorithm, der_peek(in, &algorithm), "parameters");
    der_leave(in, &algorithm);
    return ours;
}

static void read_kekri(struct der_in *in, struct gk_reader *set, struct envelope *envelope)
{
    struct gk_reader kekri = der_enter(in, set, KEKRI, NULL);
    size_t offset = gk_reader_offset(&kekri);
    struct envelope_recipient recipient = {0};
    bool ours;

    if (der_read_integer(in, &kekri, DER_INTEGER, "version") != 4 && der_ok(in))
        (void)der_refuse(in, offset, "envelope-part", "a KEKRecipientInfo has version 4");
    ours = read_name(in, &kekri, &recipient);
    ours = read_wrap(in, &kekri, &recipient) && ours;
    recipient.wrapped = der_read_octets(in, &kekri, "encryptedKey");
    der_leave(in, &kekri);
    if (!ours || !der_ok(in))
        return;
    if (envelope->recipient_count == ENVELOPE_RECIPIENTS)
        (void)der_refuse(in, offset, "envelope-recipient", "more than %d recipients by key",
                         ENVELOPE_RECIPIENTS);
    else
        envelope->recipient[envelope->recipient_count++] = recipient;
}

static void read_recipients(struct der_in *in, struct gk_reader *data, struct envelope *envelope)
{
    struct gk_reader set = der_enter(in, data, DER_SET, "recipientInfos");

    while (der_more(in, &set)) {
        if (der_peek(in, &set) == KEKRI)
            read_kekri(in, &set, envelope);
        else
            (void)der_read_whole(in, &set, der_peek(in, &set), NULL);
    }
    der_leave(in, &set);
}

/* GCMParameters: nonce, and a tag of 16 octets, which is not the default. */
static struct gk_octets read_gcm(struct der_in *in, struct gk_reader *algorithm)
{
    struct gk_reader parameters = der_enter(in, algorithm, DER_SEQUENCE, "parameters");
    size_t offset = gk_reader_offset(&parameters);
    struct gk_octets nonce = der_read_octets(in, &parameters, "aes-nonce");

    if (der_read_integer(in, &parameters, DER_INTEGER, "aes-ICVlen") != TAG_SIZE && der_ok(in))
        (void)der_refuse(in, offset, "envelope-algorithm", "a tag of 16 octets is expected");
    der_leave(in, &parameters);
    return nonce;
}

static void read_cipher(struct der_in *in, struct gk_reader *info, struct envelope *envelope)
{
    struct gk_reader algorithm = der_enter(in, info, DER_SEQUENCE, "contentEncryptionAlgorithm");
    size_t offset = gk_reader_offset(&algorithm);
    char oid[OID_TEXT];

    der_read_oid(in, &algorithm, DER_OID, "algorithm", oid);
    for (size_t i = 0; der_ok(in) && i < SIZES; i++) {
        if (strcmp(oid, envelope->authenticated ? algorithms[i].gcm : algorithms[i].cbc) == 0)
            envelope->key_size = algorithms[i].size;
    }
    if (der_ok(in) && !envelope->key_size)
        (void)der_refuse(in, offset, "envelope-algorithm", "%.64s is not run here; %s is", oid,
                         envelope->authenticated ? "AES-GCM with keys of 128 or 256 bits"
                                                 : "AES-CBC with keys of 128 or 256 bits");
    envelope->iv =
        envelope->authenticated ? read_gcm(in, &algorithm) : der_read_octets(in, &algorithm, "IV");
    if (der_ok(in) && envelope->iv.size != (envelope->authenticated ? 12 : 16))
        (void)der_refuse(in, offset, "envelope-size", "an IV of %zu octets", envelope->iv.size);
    der_leave(in, &algorithm);
}

static void read_content(struct der_in *in, struct gk_reader *data, struct envelope *envelope)
{
    struct gk_reader info = der_enter(in, data, DER_SEQUENCE, "encryptedContentInfo");
    size_t offset = gk_reader_offset(&info);
    char oid[OID_TEXT];

    der_read_oid(in, &info, DER_OID, "contentType", oid);
    if (der_ok(in) && strcmp(oid, OID_DATA) != 0)
        (void)der_refuse(in, offset, "envelope-type", "the content is %.64s, data is expected",
                         oid);
    read_cipher(in, &info, envelope);
    envelope->content = der_read(in, &info, DER_CONTEXT | 0, DER_OCTET_STRING, "encryptedContent");
    der_leave(in, &info);
    if (der_ok(in) && !envelope->authenticated &&
        (envelope->content.size < LEAST_CBC || envelope->content.size % LEAST_CBC))
        (void)der_refuse(in, offset, "envelope-size", "%zu octets are no whole blocks",
                         envelope->content.size);
}

static void read_data(struct der_in *in, struct gk_reader *outer, struct envelope *envelope)
{
    struct gk_reader data = der_enter(in, outer, DER_SEQUENCE, "content");
    size_t offset = gk_reader_offset(&data);
    int64_t version = der_read_integer(in, &data, DER_INTEGER, "version");

    if (der_ok(in) && version != 0 && (envelope->authenticated || (version != 2 && version != 3)))
        (void)der_refuse(in, offset, "envelope-part", "version %lld is not known",
                         (long long)version);
    if (der_peek(in, &data) == DER_CONTEXT_CONSTRUCTED)
        (void)der_refuse(in, offset, "envelope-part", "originatorInfo is not taken");
    read_recipients(in, &data, envelope);
    read_content(in, &data, envelope);
    if (der_ok(in) && envelope->authenticated) {
        if (der_peek(in, &data) == (DER_CONTEXT_CONSTRUCTED | 1))
            (void)der_refuse(in, offset, "envelope-part", "authAttrs are not taken");
        envelope->tag = der_read_octets(in, &data, "mac");
        if (der_ok(in) && envelope->tag.size != TAG_SIZE)
            (void)der_refuse(in, offset, "envelope-size", "a tag of %zu octets",
                             envelope->tag.size);
    }
    if (der_more(in, &data))
        (void)der_refuse(in, offset, "envelope-part", "unprotected attributes are not taken");
    der_leave(in, &data);
}

static void read_info(struct der_in *in, struct gk_reader *reader, struct envelope *envelope)
{
    struct gk_reader info = der_enter(in, reader, DER_SEQUENCE, "envelope");
    size_t offset = gk_reader_offset(&info);
    struct gk_reader content;
    char oid[OID_TEXT];

    der_read_oid(in, &info, DER_OID, "contentType", oid);
    envelope->authenticated = der_ok(in) && strcmp(oid, OID_AUTH) == 0;
    if (der_ok(in) && !envelope->authenticated && strcmp(oid, OID_ENVELOPED) != 0)
        (void)der_refuse(in, offset, "envelope-type", "%.64s is no enveloped data", oid);
    content = der_enter(in, &info, DER_CONTEXT_CONSTRUCTED, "");
    read_data(in, &content, envelope);
    der_leave(in, &content);
    der_leave(in, &info);
}

/* libtasn1, with the module as RFC 5652 and RFC 5083 have it, must see the same type. */
static bool check_module(struct gk_octets der, bool authenticated, struct gk_reason *why)
{
    const char *misfit =
        asn1_misfit(ASN1_ENVELOPE, authenticated ? "AuthEnvelopedInfo" : "EnvelopedInfo", der);

    return !misfit || gk_refuse(why, GK_NONE, GK_NO_OFFSET, "envelope-part",
                                "the envelope is not the ASN.1 type that it says: %s", misfit);
}

bool envelope_read(struct gk_octets der, struct envelope *envelope, struct gk_reason *why)
{
    struct der_in in = {.why = why};
    struct gk_reader reader = gk_reader(der);

    *envelope = (struct envelope){.authenticated = false};
    if (der.size > ENVELOPE_MAX)
        return gk_refuse(why, GK_NONE, GK_NO_OFFSET, "envelope-size",
                         "%zu octets; at most %zu are taken", der.size, ENVELOPE_MAX);
    read_info(&in, &reader, envelope);
    if (der_ok(&in) && gk_reader_left(&reader))
        (void)der_refuse(&in, gk_reader_offset(&reader), "envelope-size",
                         "%zu octets behind the envelope", gk_reader_left(&reader));
    if (der_ok(&in) && !envelope->recipient_count)
        (void)der_refuse(&in, 0, "envelope-recipient",
                         "no recipient is named by a group's key (8 octets, AES key wrap)");
    return der_ok(&in) && check_module(der, envelope->authenticated, why);
}

/* --- writing ---------------------------------------------------------------------------- */

static void write_oid(struct gk_writer *to, const char *oid)
{
    if (!der_write_oid(to, DER_OID, oid))
        abort(); /* our own */
}

static void write_recipient(const struct envelope_recipient *recipient, struct gk_writer *to)
{
    size_t set = der_open(to);
    size_t kekri = der_open(to);
    struct gk_writer name = {0};
    size_t inner;

    gk_write_u32(&name, recipient->id);
    gk_write_u32(&name, recipient->handle);
    der_write_integer(to, DER_INTEGER, 4);
    inner = der_open(to);
    der_write(to, DER_OCTET_STRING, gk_writer_octets(&name));
    der_close(to, inner, DER_SEQUENCE);
    inner = der_open(to);
    write_oid(to, algorithms[row_of(recipient->kek_size)].wrap);
    der_close(to, inner, DER_SEQUENCE);
    der_write(to, DER_OCTET_STRING, recipient->wrapped);
    der_close(to, kekri, KEKRI);
    der_close(to, set, DER_SET);
    gk_writer_free(&name);
}

static void write_content(const struct envelope *envelope, struct gk_writer *to)
{
    size_t row = row_of(envelope->key_size);
    size_t info = der_open(to);
    size_t algorithm;
    size_t parameters;

    write_oid(to, OID_DATA);
    algorithm = der_open(to);
    write_oid(to, envelope->authenticated ? algorithms[row].gcm : algorithms[row].cbc);
    parameters = der_open(to);
    der_write(to, DER_OCTET_STRING, envelope->iv);
    if (envelope->authenticated) {
        der_write_integer(to, DER_INTEGER, TAG_SIZE);
        der_close(to, parameters, DER_SEQUENCE);
    }
    der_close(to, algorithm, DER_SEQUENCE);
    der_write(to, DER_CONTEXT | 0, envelope->content);
    der_close(to, info, DER_SEQUENCE);
    if (envelope->authenticated)
        der_write(to, DER_OCTET_STRING, envelope->tag);
}

void envelope_write(const struct envelope *envelope, struct gk_writer *to)
{
    size_t info = der_open(to);
    size_t content;
    size_t data;

    write_oid(to, envelope->authenticated ? OID_AUTH : OID_ENVELOPED);
    content = der_open(to);
    data = der_open(to);
    der_write_integer(to, DER_INTEGER, envelope->authenticated ? 0 : 2);
    write_recipient(&envelope->recipient[0], to);
    write_content(envelope, to);
    der_close(to, data, DER_SEQUENCE);
    der_close(to, content, DER_CONTEXT_CONSTRUCTED);
    der_close(to, info, DER_SEQUENCE);
}
