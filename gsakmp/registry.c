/* SPDX-License-Identifier: Apache-2.0 */
#include "gsakmp/registry.h"

#include <string.h>

#define RUN(value, name)                                                                           \
    {                                                                                              \
        value, value, name, GK_STATUS_RUN, false                                                   \
    }
#define KNOWN(value, name)                                                                         \
    {                                                                                              \
        value, value, name, GK_STATUS_KNOWN, false                                                 \
    }
#define OURS(value, name)                                                                          \
    {                                                                                              \
        value, value, name, GK_STATUS_RUN, true                                                    \
    }
#define OURS_KNOWN(value, name)                                                                    \
    {                                                                                              \
        value, value, name, GK_STATUS_KNOWN, true                                                  \
    }
#define RESERVED(first, last)                                                                      \
    {                                                                                              \
        first, last, "Reserved", GK_STATUS_RESERVED, false                                         \
    }
#define UNASSIGNED(first, last)                                                                    \
    {                                                                                              \
        first, last, "Reserved to IANA", GK_STATUS_RESERVED, false                                 \
    }
#define PRIVATE_USE(first, last)                                                                   \
    {                                                                                              \
        first, last, "Private Use", GK_STATUS_RESERVED, false                                      \
    }
#define END                                                                                        \
    {                                                                                              \
        0, 0, NULL, GK_STATUS_RESERVED, false                                                      \
    }

typedef const struct gk_registry_entry rows[];

const uint8_t gk_vendor_id[GK_VENDOR_ID_SIZE] = {0xfb, 0xf8, 0xfd, 0x4a, 0x00, 0xb4, 0x12, 0xec,
                                                 0xa4, 0xaa, 0x5e, 0x8c, 0xdc, 0x06, 0xc7, 0x59};

static rows group_ids = {
    RESERVED(0, 0), RUN(1, "UTF-8"),    RUN(2, "Octet String"), RUN(3, "IPv4"),
    RUN(4, "IPv6"), UNASSIGNED(5, 192), PRIVATE_USE(193, 255),  END,
};

static rows payloads = {
    RUN(0, "None"),
    RUN(1, "Policy Token"),
    RUN(2, "Key Download Packet"),
    RUN(3, "Rekey Event"),
    RUN(4, "Identification"),
    RESERVED(5, 5),
    RUN(6, "Certificate"),
    RESERVED(7, 7),
    RUN(8, "Signature"),
    RUN(9, "Notification"),
    RUN(10, "Vendor ID"),
    RUN(11, "Key Creation"),
    RUN(12, "Nonce"),
    UNASSIGNED(13, 192),
    PRIVATE_USE(193, 255),
    END,
};

static rows exchanges = {
    RESERVED(0, 3),
    RUN(4, "Key Download Ack/Failure"),
    RUN(5, "Rekey Event"),
    RESERVED(6, 7),
    RUN(8, "Request to Join"),
    RUN(9, "Key Download"),
    RUN(10, "Cookie Download"),
    RUN(11, "Request to Join Error"),
    RUN(12, "Lack of Ack"),
    RUN(13, "Request to Depart"),
    RUN(14, "Departure Response"),
    RUN(15, "Departure Ack"),
    UNASSIGNED(16, 192),
    PRIVATE_USE(193, 255),
    END,
};

static rows policy_tokens = {
    RESERVED(0, 0),
    RUN(1, "GSAKMP_ASN.1_PT_V1"),
    UNASSIGNED(2, 49152),
    PRIVATE_USE(49153, 65535),
    END,
};

static rows key_download_items = {
    RUN(0, "GTPK"),        RUN(1, "Rekey - LKH"),
    UNASSIGNED(2, 192),    OURS(193, "Sender Identifiers"),
    PRIVATE_USE(194, 255), END,
};

static rows keys = {
    RESERVED(0, 2),
    KNOWN(3, "3DES_CBC64_192"),
    RESERVED(4, 11),
    RUN(12, "AES_CBC_128"),
    KNOWN(13, "AES_CTR"),
    UNASSIGNED(14, 49152),
    OURS(49153, "AES-128-GCM"),
    OURS(49154, "AES-256-GCM"),
    OURS(49155, "ChaCha20-Poly1305"),
    PRIVATE_USE(49156, 65535),
    END,
};

static rows rekey_events = {
    RUN(0, "None"), RUN(1, "GSAKMP_LKH"), UNASSIGNED(2, 192), PRIVATE_USE(193, 255), END,
};

static rows id_classes = {
    RUN(0, "Sender"),   RUN(1, "Receiver"),    RUN(2, "Third Party"),
    UNASSIGNED(3, 192), PRIVATE_USE(193, 255), END,
};

/* All of them are matched in rules (profile 11.7); on the wire only ID_DN_STRING names a
 * signer (profile 4.3). */
static rows ids = {
    RESERVED(0, 0),          RUN(1, "ID_IPV4_ADDR"),
    RUN(2, "ID_FQDN"),       RUN(3, "ID_RFC822_ADDR"),
    RESERVED(4, 4),          RUN(5, "ID_IPV6_ADDR"),
    RESERVED(6, 8),          RUN(9, "ID_DER_ASN1_DN"),
    RESERVED(10, 10),        RUN(11, "ID_KEY_ID"),
    RESERVED(12, 29),        RUN(30, "ID_U_NAME"),
    RUN(31, "ID_DN_STRING"), UNASSIGNED(32, 192),
    PRIVATE_USE(193, 255),   END,
};

static rows certificates = {
    KNOWN(0, "None"),
    RESERVED(1, 3),
    RUN(4, "X.509v3 Certificate -- Signature -- DER Encoding"),
    RESERVED(5, 6),
    RUN(7, "Certificate Revocation List (CRL)"),
    RESERVED(8, 9),
    KNOWN(10, "X.509 Certificate -- Attribute"),
    KNOWN(11, "Raw RSA Key"),
    KNOWN(12, "Hash and URL of X.509 Certificate"),
    KNOWN(13, "Hash and URL of X.509 bundle"),
    UNASSIGNED(14, 49152),
    PRIVATE_USE(49153, 65535),
    END,
};

/* The table's private range is printed with transposed digits (profile section 10). */
static rows signatures = {
    RUN(0, "DSS-SHA1-ASN1-DER"),
    KNOWN(1, "RSA1024-MD5"),
    RUN(2, "ECDSA-P384-SHA3"),
    UNASSIGNED(3, 41952),
    PRIVATE_USE(41953, 49152),
    OURS(49153, "Ed25519"),
    OURS(49154, "ECDSA P-256 with SHA-256"),
    OURS(49155, "ECDSA P-384 with SHA-384"),
    OURS(49156, "RSA-PSS with SHA-256"),
    PRIVATE_USE(49157, 65535),
    END,
};

static rows notifications = {
    KNOWN(0, "None"),
    RUN(1, "Invalid-Payload-Type"),
    RESERVED(2, 3),
    RUN(4, "Invalid-Version"),
    RUN(5, "Invalid-Group-ID"),
    RUN(6, "Invalid-Sequence-ID"),
    RUN(7, "Payload-Malformed"),
    RUN(8, "Invalid-Key-Information"),
    RUN(9, "Invalid-ID-Information"),
    RESERVED(10, 11),
    RUN(12, "Cert-Type-Unsupported"),
    RUN(13, "Invalid-Cert-Authority"),
    RUN(14, "Authentication-Failed"),
    RESERVED(15, 16),
    RUN(17, "Certificate-Unavailable"),
    RESERVED(18, 18),
    RUN(19, "Unauthorized-Request"),
    RESERVED(20, 22),
    RUN(23, "Acknowledgement"),
    RESERVED(24, 25),
    RUN(26, "Nack"),
    RUN(27, "Cookie-Required"),
    RUN(28, "Cookie"),
    RUN(29, "Mechanism Choices"),
    RUN(30, "Leave Group"),
    RUN(31, "Departure Accepted"),
    RUN(32, "Request to Depart Error"),
    RUN(33, "Invalid Exchange Type"),
    RUN(34, "IPv4 Value"),
    RUN(35, "IPv6 Value"),
    RUN(36, "Prohibited by Group Policy"),
    RUN(37, "Prohibited by Locally Configured Policy"),
    UNASSIGNED(38, 49152),
    PRIVATE_USE(49153, 65535),
    END,
};

static rows acknowledgements = {
    RUN(0, "Simple"),
    UNASSIGNED(1, 192),
    PRIVATE_USE(193, 255),
    END,
};

static rows mechanisms = {
    RUN(0, "Key Creation Algorithm"),
    RUN(1, "Encryption Algorithm"),
    RUN(2, "Nonce Hash Algorithm"),
    UNASSIGNED(3, 192),
    PRIVATE_USE(193, 255),
    END,
};

static rows nonce_hashes = {
    RESERVED(0, 0),         RUN(1, "SHA-1"),           UNASSIGNED(2, 49152),
    OURS(49153, "SHA-256"), PRIVATE_USE(49154, 65535), END,
};

static rows key_creations = {
    RESERVED(0, 1),
    RUN(2, "Diffie-Hellman 1024-bit MODP Group Truncated"),
    RESERVED(3, 13),
    RUN(14, "Diffie-Hellman 2048-bit MODP Group Truncated"),
    UNASSIGNED(15, 49152),
    OURS(49153, "X25519"),
    OURS(49154, "ECDH P-256"),
    PRIVATE_USE(49155, 65535),
    END,
};

/* The table gives 192 to both ranges. */
static rows nonces = {
    KNOWN(0, "None"),
    RUN(1, "Initiator (Nonce_I)"),
    RUN(2, "Responder (Nonce_R)"),
    RUN(3, "Combined (Nonce_C)"),
    UNASSIGNED(4, 192),
    PRIVATE_USE(193, 255),
    END,
};

static const struct registry {
    const char *title;
    const struct gk_registry_entry *rows;
} registries[] = {
    {"group identification type", group_ids},
    {"payload type", payloads},
    {"exchange type", exchanges},
    {"policy token type", policy_tokens},
    {"key download data item type", key_download_items},
    {"cryptographic key type", keys},
    {"rekey event type", rekey_events},
    {"identification classification", id_classes},
    {"identification type", ids},
    {"certificate type", certificates},
    {"signature type", signatures},
    {"notification type", notifications},
    {"acknowledgement type", acknowledgements},
    {"mechanism type", mechanisms},
    {"nonce hash type", nonce_hashes},
    {"key creation type", key_creations},
    {"nonce type", nonces},
};

const char *gk_registry_title(enum gk_registry registry)
{
    return registries[registry - GK_REGISTRY_FIRST].title;
}

const struct gk_registry_entry *gk_registry_at(enum gk_registry registry, size_t index)
{
    const struct gk_registry_entry *row = registries[registry - GK_REGISTRY_FIRST].rows;

    while (index && row->name) {
        row++;
        index--;
    }
    return row->name ? row : NULL;
}

const struct gk_registry_entry *gk_registry_find(enum gk_registry registry, uint32_t value)
{
    const struct gk_registry_entry *row = registries[registry - GK_REGISTRY_FIRST].rows;

    while (row->name && row->last < value)
        row++;
    return row->name ? row : NULL;
}

const struct gk_registry_entry *gk_registry_named(enum gk_registry registry, const char *name)
{
    const struct gk_registry_entry *row = registries[registry - GK_REGISTRY_FIRST].rows;

    for (; row->name; row++) {
        if (row->status != GK_STATUS_RESERVED && strcmp(row->name, name) == 0)
            return row;
    }
    return NULL;
}

bool gk_registry_allows(enum gk_registry registry, uint32_t value, bool vendor)
{
    const struct gk_registry_entry *row = gk_registry_find(registry, value);

    if (!row || row->status == GK_STATUS_RESERVED)
        return false;
    return vendor || !row->private_use;
}

const char *gk_registry_name(enum gk_registry registry, uint32_t value)
{
    const struct gk_registry_entry *row = gk_registry_find(registry, value);

    return row ? row->name : "out of range";
}

const char *gk_name_payload(uint8_t type)
{
    return gk_registry_name(GK_REGISTRY_PAYLOAD, type);
}

const char *gk_name_exchange(uint8_t type)
{
    return gk_registry_name(GK_REGISTRY_EXCHANGE, type);
}

const char *gk_name_notification(uint16_t type)
{
    return gk_registry_name(GK_REGISTRY_NOTIFICATION, type);
}

const char *gk_status_name(enum gk_status status)
{
    static const char *const names[] = {"run", "not run by this version", "reserved"};

    return names[status];
}
