/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_FORGE_H
#define TESTS_ROLES_FORGE_H
/*
 * Messages that no honest program sends, signed with genuine keys and certificates: what
 * members, those who were evicted, would-be servers and owners of other groups can make.
 * Everything that is not said is as an honest sender of the troupe's group would have it.
 * What is made here lives for the rest of the program.
 */
#include "gsakmp/keys.h"
#include "gsakmp/message.h"
#include "tests/roles/troupe.h"

/* Whose hand it is. */
struct forge_hand {
    const struct test_party *party;      /* whose key signs */
    const char *name;                    /* the Signer ID, instead of the subject */
    const struct gk_octets *certificate; /* DER, instead of the party's own */
    size_t certificate_count;
    const struct gk_octets *crl;
    bool bare;      /* no certificates at all */
    bool bad;       /* an octet of the signature is changed */
    gk_time stamp;  /* 0: now */
    int32_t scheme; /* of the signature; 0: what fits the key */
};

struct forge_token {
    int edition;
    const struct test_party *owner;              /* NULL: the true one */
    const char *group, *gcks, *key;              /* NULL: as the troupe's */
    const char *exclusions, *mechanisms, *rekey; /* XML; NULL: none, recommended, by the hour */
    gk_time at;                                  /* 0: now */
};
struct gk_octets forge_token(const struct troupe *troupe, const struct forge_token *want);

struct forge_rtj {
    struct forge_hand hand;
    struct gk_mechanism mechanism; /* zeroed: recommended */
    unsigned seed;                 /* draws Nonce_I and the Key Creation value */
    unsigned key_seed;             /* another one for the latter */
    struct gk_octets public_value; /* instead of an honest one */
};
struct gk_octets forge_rtj(const struct troupe *troupe, const struct forge_rtj *want);

struct forge_keydl {
    struct forge_hand hand;
    struct gk_mechanism mechanism;
    struct gk_octets rtj;   /* what it answers */
    const char *receiver;   /* instead of the RTJ's Signer ID */
    unsigned other_nonce;   /* not 0: Nonce_C as for another session */
    struct gk_octets token; /* empty: the troupe's */
    const struct gk_key_download *keys;
    unsigned seed;          /* draws Nonce_R and the server's value */
    bool wrong_key;         /* sealed under another KEK */
    uint16_t creation_type; /* not 0: what the Key Creation payload says */
};
struct gk_octets forge_keydl(const struct troupe *troupe, const struct forge_keydl *want);
/* What an honest server would give to that leaf now. */
struct gk_key_download forge_keys(const struct troupe *troupe, uint32_t leaf);

struct forge_ack {
    struct forge_hand hand;
    struct gk_octets nonce_c;
    uint16_t notification; /* 0: Acknowledgement */
};
struct gk_octets forge_ack(const struct troupe *troupe, const struct forge_ack *want);

struct forge_rekey {
    struct forge_hand hand;
    uint32_t sequence;
    uint8_t type;
    gk_time stamp; /* of the event; 0: now */
    /* One Rekey Event Data: these keys under that one. */
    const struct gk_key_datum *wrapping;
    const struct gk_key_datum *key;
    size_t key_count;
    /* A token under that GTPK. */
    struct gk_octets token;
    const struct gk_key_datum *gtpk;
};
struct gk_octets forge_rekey(const struct troupe *troupe, const struct forge_rekey *want);

/* An attacker's address that is no node of the rig. */
struct gk_peer forge_address(uint8_t last);
/* A parsed message of the troupe's group; aborts when it is none. Too large for the stack. */
struct gk_message *forge_parsed(struct gk_octets octets);
/* A copy that lives on. */
struct gk_octets forge_kept(struct gk_octets octets);
/* The same inside the header of a later version: other octets, the same signed ones. */
struct gk_octets forge_embedded(const struct troupe *troupe, struct gk_octets octets);
/* How many messages of that exchange a node has sent. */
unsigned forge_count_sent(const struct troupe *troupe, size_t node, uint8_t exchange);

#endif
