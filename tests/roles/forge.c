/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/roles/forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roles/gcks-internal.h"
#include "token/cms.h"
#include "token/der.h"
#include "token/source.h"

struct kept {
    struct kept *next;
    struct gk_secret octets;
};

static struct kept *all_kept;

static void must(bool good, const char *what, const struct gk_reason *why)
{
    if (good)
        return;
    printf("\n    forge: %s: %s\n", what, why ? why->text : "?");
    abort();
}

struct gk_octets forge_kept(struct gk_octets octets)
{
    struct kept *entry = gk_alloc(1, sizeof *entry);

    entry->octets = gk_secret_copy(octets);
    entry->next = all_kept;
    all_kept = entry;
    return gk_secret_octets(&entry->octets);
}

static struct gk_octets keep(struct gk_writer *writer)
{
    struct gk_octets octets = forge_kept(gk_writer_octets(writer));

    gk_writer_free(writer);
    return octets;
}

struct gk_message *forge_parsed(struct gk_octets octets)
{
    struct kept *entry = gk_alloc(1, sizeof *entry);
    struct gk_message *message;
    struct gk_reason why = {0};

    entry->octets = gk_secret_new(sizeof *message);
    entry->next = all_kept;
    all_kept = entry;
    message = (void *)entry->octets.data;
    must(gk_message_parse(message, octets, NULL, GK_EXCHANGE_ANY, &why), "parsing", &why);
    return message;
}

/* --- signing -------------------------------------------------------------------------- */

struct bad_signer {
    const struct gk_signer *good;
};

static bool sign_badly(const struct gk_signer *signer, struct gk_octets data, struct gk_writer *to,
                       struct gk_reason *why)
{
    const struct bad_signer *bad = signer->context;
    size_t at = to->size;
    bool good = bad->good->sign(bad->good, data, to, why);

    if (good)
        to->data[at + 1] ^= 1;
    return good;
}

static struct gk_octets subject_of(const struct test_party *party)
{
    struct gk_writer name = {0};
    struct gk_reason why = {0};

    must(name_of_certificate(party->certificate, &name, &why), "name", &why);
    return keep(&name);
}

static void add_certificates(struct gk_message *message, const struct forge_hand *hand)
{
    const struct gk_octets *from =
        hand->certificate ? hand->certificate : &hand->party->certificate;
    size_t count = hand->certificate ? hand->certificate_count : 1;

    for (size_t i = 0; i < count && !hand->bare; i++)
        message->certificate[message->certificate_count++] =
            (struct gk_certificate_payload){GK_CERTIFICATE_X509, from[i]};
    if (hand->crl)
        message->certificate[message->certificate_count++] =
            (struct gk_certificate_payload){GK_CERTIFICATE_CRL, *hand->crl};
}

static struct gk_octets build(const struct troupe *troupe, struct gk_message *message,
                              const struct forge_hand *hand)
{
    struct gk_signer signer = {0};
    struct bad_signer bad = {&signer};
    struct gk_signer crooked = {0};
    struct gk_writer writer = {0};
    struct gk_reason why = {0};

    must(gk_signer_open(&signer, hand->party->key, hand->scheme ? hand->scheme : -1, NULL, &why),
         "key", &why);
    crooked = (struct gk_signer){signer.type, sign_badly, &bad, signer.size};
    message->group = troupe->policy.group;
    message->has_signature = true;
    message->signature.id_type = 31;
    message->signature.stamp = hand->stamp ? hand->stamp : troupe->rig->now.utc;
    message->signature.signer_id = hand->name ? gk_octets_of(hand->name) : subject_of(hand->party);
    add_certificates(message, hand);
    must(gk_message_build(message, hand->bad ? &crooked : &signer, &writer, &why), "message", &why);
    gk_signer_free(&signer);
    return keep(&writer);
}

static struct gk_mechanism mechanism_of(const struct gk_mechanism *want)
{
    return want->key_creation ? *want : gk_suite_named("recommended")->mechanism;
}

static struct gk_octets drawn(unsigned seed, size_t size)
{
    struct gk_random random = test_random(seed);
    struct gk_secret octets = gk_random_secret(&random, size);
    struct gk_octets kept = forge_kept(gk_secret_octets(&octets));

    gk_secret_free(&octets);
    return kept;
}

/* --- tokens --------------------------------------------------------------------------- */

static char *policy_of(const struct troupe *troupe, const struct forge_token *want)
{
    char *root = gk_hex(gk_octets(troupe->root->key_id, sizeof troupe->root->key_id));
    char *source =
        gk_format("<policy><group random=\"0102030405060708\" name=\"%s\" edition=\"%d\"/>"
                  "<ca name=\"acme\" key-id=\"%s\"/>"
                  "<registration><gcks dn=\"%s\"/>"
                  "<access><allow dn=\"CN=*,OU=Members,O=Acme\"/>%s</access>%s</registration>"
                  "%s<data encryption=\"%s\"/></policy>",
                  want->group ? want->group : "troupe", want->edition, root,
                  want->gcks ? want->gcks : "CN=GCKS,OU=Servers,O=Acme",
                  want->exclusions ? want->exclusions : "",
                  want->mechanisms ? want->mechanisms : "<mechanism suite=\"recommended\"/>",
                  want->rekey ? want->rekey : "<rekey every=\"1 h\" resend=\"0\"/>",
                  want->key ? want->key : "80000001");

    free(root);
    return source;
}

struct gk_octets forge_token(const struct troupe *troupe, const struct forge_token *want)
{
    const struct test_party *owner = want->owner ? want->owner : troupe->owner;
    char *source = policy_of(troupe, want);
    struct gk_reason why = {0};
    struct token *token = source_read(gk_octets_of(source), "forge.xml", NULL, &why);
    struct gk_signer signer = {0};
    struct gk_writer der = {0};
    struct gk_writer out = {0};

    must(token != NULL, "source", &why);
    must(token_to_der(token, &der, &why), "DER", &why);
    must(gk_signer_open(&signer, owner->key, -1, NULL, &why), "owner's key", &why);
    must(cms_sign(gk_writer_octets(&der), &owner->certificate, 1, &signer,
                  want->at ? want->at : troupe->rig->now.utc, &out, &why),
         "signing", &why);
    gk_signer_free(&signer);
    gk_writer_free(&der);
    token_free(token);
    free(source);
    return keep(&out);
}

/* --- RTJ ------------------------------------------------------------------------------ */

struct gk_octets forge_rtj(const struct troupe *troupe, const struct forge_rtj *want)
{
    struct gk_mechanism mechanism = mechanism_of(&want->mechanism);
    const struct gk_creation *creation = gk_creation_find(mechanism.key_creation);
    const struct gk_choices choices = {
        true, true, true, mechanism.key_creation, mechanism.key_wrap, mechanism.nonce_hash};
    struct gk_random random = test_random(want->key_seed ? want->key_seed : want->seed);
    struct gk_message *message = gk_alloc(1, sizeof *message);
    struct gk_secret secret = {0};
    struct gk_writer value = {0};
    struct gk_writer data = {0};
    struct gk_octets octets;

    creation->generate(creation, &random, &secret, &value);
    gk_choices_write(&choices, &data);
    message->exchange = GK_REQUEST_TO_JOIN;
    message->has_key_creation = true;
    message->key_creation_type = mechanism.key_creation;
    message->key_creation = want->public_value.size ? want->public_value : gk_writer_octets(&value);
    message->nonce[GK_NONCE_I] = drawn(want->seed + 1000000, GK_NONCE_SIZE);
    message->notification_count = 1;
    message->notification[0] =
        (struct gk_notification_payload){GK_MECHANISM_CHOICES, gk_writer_octets(&data)};
    octets = build(troupe, message, &want->hand);
    gk_secret_free(&secret);
    gk_writer_free(&value);
    gk_writer_free(&data);
    free(message);
    return octets;
}

/* --- KeyDL ---------------------------------------------------------------------------- */

struct gk_key_download forge_keys(const struct troupe *troupe, uint32_t leaf)
{
    const struct gcks *g = troupe->gcks;
    struct gk_key_download keys = {.gtpk_count = gcks_gtpks_datums(g, keys.gtpk)};

    keys.has_array = g->lkh && gk_lkh_array(g->lkh, leaf, &keys.array);
    return keys;
}

static struct gk_octets tagged(struct gk_octets name)
{
    struct gk_writer id = {0};

    gk_write_u8(&id, 31);
    gk_write_octets(&id, name);
    return keep(&id);
}

static struct gk_octets sealed(const struct gk_kek_binding *binding, struct gk_octets kek,
                               uint8_t payload, struct gk_octets plain, unsigned seed)
{
    struct gk_random random = test_random(seed + 2000000 + payload);
    struct gk_writer aad = {0};
    struct gk_writer out = {0};

    gk_aad(&aad, binding->group_value, payload);
    gk_wrap_seal(gk_wrap_find(binding->key_wrap), kek, &random, gk_writer_octets(&aad), plain,
                 &out);
    gk_writer_free(&aad);
    return keep(&out);
}

/* The server's value and the KEK, which binds what it is told. */
static struct gk_secret agree(struct gk_kek_binding *binding, unsigned seed)
{
    const struct gk_creation *creation = gk_creation_find(binding->key_creation);
    struct gk_random random = test_random(seed + 3000000);
    struct gk_secret secret = {0};
    struct gk_secret z = {0};
    struct gk_writer value = {0};
    struct gk_secret kek;
    struct gk_reason why = {0};

    creation->generate(creation, &random, &secret, &value);
    must(creation->agree(creation, gk_secret_octets(&secret), binding->member_public, &z, &why),
         "agreeing", &why);
    binding->server_public = keep(&value);
    kek = gk_kek(creation, gk_wrap_find(binding->key_wrap), binding, gk_secret_octets(&z));
    gk_secret_free(&secret);
    gk_secret_free(&z);
    return kek;
}

static void fill_nonces(struct gk_message *message, const struct forge_keydl *want,
                        const struct gk_kek_binding *binding)
{
    struct gk_writer nonce_c = {0};

    gk_nonce_combine(gk_nonce_hash_find(binding->nonce_hash),
                     want->other_nonce ? drawn(want->other_nonce, GK_NONCE_SIZE) : binding->nonce_i,
                     binding->nonce_r, binding->server, &nonce_c);
    message->nonce[GK_NONCE_R] = binding->nonce_r;
    message->nonce[GK_NONCE_C] = keep(&nonce_c);
}

struct gk_octets forge_keydl(const struct troupe *troupe, const struct forge_keydl *want)
{
    const struct gk_message *rtj = forge_parsed(want->rtj);
    struct gk_mechanism mechanism = mechanism_of(&want->mechanism);
    struct gk_octets name =
        want->hand.name ? gk_octets_of(want->hand.name) : subject_of(want->hand.party);
    struct gk_kek_binding binding = {
        .group_type = rtj->group.type,
        .group_value = gk_group_value(&rtj->group),
        .signature = mechanism.signature,
        .nonce_hash = mechanism.nonce_hash,
        .key_creation = mechanism.key_creation,
        .key_wrap = mechanism.key_wrap,
        .member = tagged(rtj->signature.signer_id),
        .server = tagged(name),
        .member_public = rtj->key_creation,
        .nonce_i = rtj->nonce[GK_NONCE_I],
        .nonce_r = drawn(want->seed + 4000000, GK_NONCE_SIZE),
    };
    struct gk_secret kek = agree(&binding, want->seed);
    struct gk_message *message = gk_alloc(1, sizeof *message);
    struct gk_writer keys = {0};
    struct gk_octets octets;

    if (want->wrong_key)
        kek.data[0] ^= 1;
    gk_key_download_write(want->keys, &keys);
    message->exchange = GK_KEY_DOWNLOAD;
    message->identification_count = 1;
    message->identification[0] = (struct gk_id_payload){
        GK_ID_RECEIVER, 31,
        want->receiver ? gk_octets_of(want->receiver) : rtj->signature.signer_id};
    message->has_key_creation = true;
    message->key_creation_type = want->creation_type ? want->creation_type : mechanism.key_creation;
    message->key_creation = binding.server_public;
    message->has_token = true;
    message->token_type = GK_TOKEN_V1;
    message->token = sealed(&binding, gk_secret_octets(&kek), GK_PAYLOAD_POLICY_TOKEN,
                            want->token.size ? want->token : troupe->token, want->seed);
    message->has_key_download = true;
    message->key_download = sealed(&binding, gk_secret_octets(&kek), GK_PAYLOAD_KEY_DOWNLOAD,
                                   gk_writer_octets(&keys), want->seed);
    message->private_inside = true;
    fill_nonces(message, want, &binding);
    octets = build(troupe, message, &want->hand);
    gk_writer_free(&keys);
    gk_secret_free(&kek);
    free(message);
    return octets;
}

/* --- Ack and Rekey Event -------------------------------------------------------------- */

struct gk_octets forge_ack(const struct troupe *troupe, const struct forge_ack *want)
{
    static const uint8_t simple = 0;
    struct gk_message *message = gk_alloc(1, sizeof *message);
    struct gk_octets octets;

    message->exchange = GK_KEY_DOWNLOAD_ACK;
    message->nonce[GK_NONCE_C] = want->nonce_c;
    message->notification_count = 1;
    message->notification[0].type = want->notification ? want->notification : GK_ACKNOWLEDGEMENT;
    if (!want->notification || want->notification == GK_ACKNOWLEDGEMENT)
        message->notification[0].data = gk_octets(&simple, 1);
    octets = build(troupe, message, &want->hand);
    free(message);
    return octets;
}

static struct gk_octets data_of(const struct troupe *troupe, const struct forge_rekey *want)
{
    const struct gk_key_datum *under = want->wrapping;
    struct gk_random random = test_random(want->sequence + 5000000);
    struct gk_writer aad = {0};
    struct gk_writer plain = {0};
    struct gk_writer box = {0};
    struct gk_writer out = {0};

    gk_write_u16(&plain, (uint16_t)want->key_count);
    for (size_t i = 0; i < want->key_count; i++)
        gk_package_write(want->key[i].id >= GK_GTPK_ID_LEAST ? GK_KDD_GTPK : GK_KDD_LKH,
                         &want->key[i], &plain);
    gk_aad_rekey(&aad, gk_group_value(&troupe->policy.group), under->id, under->handle);
    gk_wrap_seal(gk_wrap_find(under->type), under->key, &random, gk_writer_octets(&aad),
                 gk_writer_octets(&plain), &box);
    gk_write_u16(&out, (uint16_t)box.size);
    gk_write_u32(&out, under->id);
    gk_write_u32(&out, under->handle);
    gk_write_octets(&out, gk_writer_octets(&box));
    gk_writer_free(&aad);
    gk_writer_free(&plain);
    gk_writer_free(&box);
    return keep(&out);
}

static struct gk_octets sealed_token(const struct troupe *troupe, const struct forge_rekey *want)
{
    const struct gk_wrap *wrap = gk_wrap_find(want->gtpk->type);
    struct gk_octets group = gk_group_value(&troupe->policy.group);
    struct gk_secret key = gk_token_key(wrap, group, want->gtpk->key);
    struct gk_kek_binding binding = {.group_value = group, .key_wrap = wrap->type};
    struct gk_octets octets = sealed(&binding, gk_secret_octets(&key), GK_PAYLOAD_POLICY_TOKEN,
                                     want->token, want->sequence);

    gk_secret_free(&key);
    return octets;
}

struct gk_octets forge_rekey(const struct troupe *troupe, const struct forge_rekey *want)
{
    struct gk_message *message = gk_alloc(1, sizeof *message);
    struct gk_octets octets;

    message->exchange = GK_REKEY_EVENT;
    message->sequence = want->sequence;
    message->rekey_count = 1;
    message->rekey[0].type = want->type;
    message->rekey[0].stamp = want->stamp ? want->stamp : troupe->rig->now.utc;
    message->rekey[0].algorithm_version = 1;
    if (want->wrapping) {
        message->rekey[0].count = 1;
        message->rekey[0].data = data_of(troupe, want);
        message->private_inside = true;
    }
    if (want->token.size) {
        message->has_token = true;
        message->token_type = GK_TOKEN_V1;
        message->token = sealed_token(troupe, want);
    }
    octets = build(troupe, message, &want->hand);
    free(message);
    return octets;
}

/* --- other ---------------------------------------------------------------------------- */

struct gk_peer forge_address(uint8_t last)
{
    return (struct gk_peer){GK_UDP, {.family = 4, .ip = {203, 0, 113, last}, .port = 4000}, 0};
}

struct gk_octets forge_embedded(const struct troupe *troupe, struct gk_octets octets)
{
    const struct gk_group *group = &troupe->policy.group;
    struct gk_writer out = {0};

    gk_write_u8(&out, group->type);
    gk_write_u8(&out, group->size);
    gk_write_octets(&out, gk_group_value(group));
    gk_write_u8(&out, GK_PAYLOAD_NONE);
    gk_write_u8(&out, 2); /* version */
    gk_write_u8(&out, 0);
    gk_write_u32(&out, 0);
    gk_write_u32(&out, (uint32_t)(out.size + 4 + octets.size));
    gk_write_octets(&out, octets);
    return keep(&out);
}

unsigned forge_count_sent(const struct troupe *troupe, size_t node, uint8_t exchange)
{
    const struct rig_packet *packet = troupe->rig->sent;
    struct gk_message *message = gk_alloc(1, sizeof *message);
    unsigned count = 0;

    for (; packet; packet = packet->next)
        count += packet->from == node &&
                 gk_message_header(message, gk_secret_octets(&packet->octets), NULL,
                                   GK_EXCHANGE_ANY, NULL) &&
                 message->exchange == exchange;
    free(message);
    return count;
}
