/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_KEYS_H
#define GSAKMP_KEYS_H
/*
 * Key Datums, Key Downloads, Rekey Arrays and Key Packages (RFC 4535 7.4, 7.5.1.2): what
 * stands inside the encrypted payloads. Readers work on decrypted octets and borrow from
 * them; the caller keeps those in a struct gk_secret.
 *
 * A Key Datum has no length: it follows from its Key Type (profile 9.2), which must be in
 * force.
 */
#include "gsakmp/reason.h"
#include "gsakmp/stamp.h"

#define GK_GTPK_ID_LEAST      UINT32_C(0x80000000) /* profile 9.1 */
#define GK_KEY_DOWNLOAD_GTPKS 16
#define GK_REKEY_ARRAY_KEKS   32

struct gk_key_datum {
    uint16_t type; /* table 16 */
    uint32_t id;
    uint32_t handle;
    gk_time created;
    gk_time expires;
    struct gk_octets key; /* borrowed */
};

void gk_key_datum_write(const struct gk_key_datum *datum, struct gk_writer *to);
/* Takes one datum from the reader. Unknown or not run key types, and a key that expires no
 * later than it was created: Invalid-Key-Information (8); cut or impossible octets:
 * Payload-Malformed (7). Whether a private-use key type is in force is the caller's
 * question: gk_key_download_read asks it, a reader of Key Packages must (profile 3.3). */
bool gk_key_datum_read(struct gk_key_datum *datum, struct gk_reader *from,
                       struct gk_reason *why) GK_MUST_USE;

/* Table 15 and profile 9.16. */
enum gk_kdd_type { GK_KDD_GTPK = 0, GK_KDD_LKH = 1, GK_KDD_SENDER_IDS = 193 };

struct gk_rekey_array {
    uint8_t version;
    uint32_t member_id;
    size_t count;
    struct gk_key_datum kek[GK_REKEY_ARRAY_KEKS];
};

struct gk_sender_ids {
    uint32_t key_id, first, count;
};

struct gk_key_download {
    size_t gtpk_count;
    struct gk_key_datum gtpk[GK_KEY_DOWNLOAD_GTPKS];
    bool has_array;
    struct gk_rekey_array array;
    size_t sender_count;
    struct gk_sender_ids sender[GK_KEY_DOWNLOAD_GTPKS];
};

void gk_key_download_write(const struct gk_key_download *download, struct gk_writer *to);
/* `vendor`: private-use values are in force. A GTPK KeyID, the Rekey Array, and a KEK's KeyID
 * in it come once. Which KeyIDs there must be, and whether a key has expired, is the
 * caller's question. */
bool gk_key_download_read(struct gk_key_download *download, struct gk_octets plain, bool vendor,
                          struct gk_reason *why) GK_MUST_USE;

/* One Rekey Event Data: who can open it, and the sealed octets. */
struct gk_rekey_data {
    uint32_t wrapping_id;
    uint32_t wrapping_handle;
    struct gk_octets sealed;
};

/* Takes the next Rekey Event Data from a reader over gk_rekey_payload.data. */
bool gk_rekey_data_read(struct gk_rekey_data *data, struct gk_reader *from,
                        struct gk_reason *why) GK_MUST_USE;
/* Walks opened Rekey Event Data: gk_packages_begin reads the count, then one call a
 * package; `more` becomes false after the last. Leftover octets are Payload-Malformed. */
struct gk_packages {
    struct gk_reader reader;
    uint16_t left;
};
bool gk_packages_begin(struct gk_packages *packages, struct gk_octets plain,
                       struct gk_reason *why) GK_MUST_USE;
/* `more` tells whether kdd_type and datum were filled: loop until it is false. */
bool gk_packages_next(struct gk_packages *packages, uint8_t *kdd_type, struct gk_key_datum *datum,
                      bool *more, struct gk_reason *why) GK_MUST_USE;
void gk_package_write(uint8_t kdd_type, const struct gk_key_datum *datum, struct gk_writer *to);

#endif
