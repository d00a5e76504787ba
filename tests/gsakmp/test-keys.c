/* SPDX-License-Identifier: Apache-2.0 */
/* What stands inside the encrypted payloads: Key Datums, Key Downloads, Rekey Event Data and
 * Key Packages (RFC 4535 7.4, 7.5.1.2, profile 9.2, 9.6, 9.16). */
#include "tests/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gsakmp/keys.h"
#include "gsakmp/message.h"
#include "gsakmp/suite.h"
#include "tests/gsakmp/message-help.h"
#include "tests/vectors.h"

static bool refused(const char *hex, bool vendor, uint16_t notification, const char *code)
{
    struct gk_key_download download;
    struct gk_reason why = {0};

    if (gk_key_download_read(&download, test_unhex(hex), vendor, &why)) {
        printf("\n    taken: %s\n", hex);
        return false;
    }
    if (why.notification == notification && (!code || strcmp(why.code, code) == 0))
        return true;
    printf("\n    %u %s: %s\n", why.notification, why.code, why.text);
    return false;
}

static void the_known_download_is_read_and_written(void)
{
    struct gk_key_download download;
    struct gk_writer to = {0};

    CU_ASSERT_TRUE_FATAL(
        gk_key_download_read(&download, vector_octets("keys/key_download_plain"), true, NULL));
    CU_ASSERT_EQUAL(download.gtpk_count, 1);
    CU_ASSERT_EQUAL(download.gtpk[0].type, 49154);
    CU_ASSERT_EQUAL(download.gtpk[0].id, GK_GTPK_ID_LEAST + 1);
    CU_ASSERT_EQUAL(download.gtpk[0].handle, 0x31313131);
    CU_ASSERT_EQUAL(download.gtpk[0].key.size, 32);
    CU_ASSERT_TRUE(download.has_array);
    CU_ASSERT_EQUAL(download.array.version, 1);
    CU_ASSERT_EQUAL(download.array.count, 3);
    CU_ASSERT_EQUAL(download.array.kek[0].id, 2);
    CU_ASSERT_EQUAL(download.array.kek[2].expires, GK_TIME_NEVER);
    CU_ASSERT_EQUAL(download.sender_count, 0);
    gk_key_download_write(&download, &to);
    CU_ASSERT_HEX(gk_writer_octets(&to), vector_text("keys/key_download_plain"));
    gk_writer_free(&to);
}

/* The octets of the known KeyDL, opened with the known KEK. */
static void the_sealed_download_is_opened(void)
{
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_secret plain = {0};
    struct gk_writer aad = {0};

    help_parse(&message, vector_octets("messages/KeyDL"));
    gk_aad(&aad, gk_group_value(&group), GK_PAYLOAD_KEY_DOWNLOAD);
    CU_ASSERT_TRUE_FATAL(gk_wrap_open(gk_wrap_find(49154), vector_octets("keys/kek"),
                                      gk_writer_octets(&aad), message.key_download, &plain, NULL));
    CU_ASSERT_HEX(gk_secret_octets(&plain), vector_text("keys/key_download_plain"));
    gk_secret_free(&plain);
    gk_writer_free(&aad);
}

static void known_downloads_are_refused(void)
{
    const char *name;
    json_t *entry;

    json_object_foreach((json_t *)(uintptr_t)vector_at("key_download_refusals"), name, entry)
    {
        CU_ASSERT_TRUE(refused(json_string_value(json_array_get(entry, 0)), true,
                               (uint16_t)json_integer_value(json_array_get(entry, 1)), NULL));
    }
}

/* The datum of type, id, handle and dates; the key follows. */
#define DATUM(type, id)                                                                            \
    type id "01020304"                                                                             \
            "32303235303130313030303030305a32303236303130313030303030305a"
#define KEY16 "000102030405060708090a0b0c0d0e0f"

static void downloads_hold_each_key_once(void)
{
    static const struct {
        const char *hex;
        bool vendor;
        uint16_t notification; /* 0: taken */
        const char *code;
    } rows[] = {
        {"0000", true, 0, NULL},
        {"0001000038" DATUM("c001", "80000001") KEY16, true, 0, NULL},
        {"0001000038" DATUM("c001", "80000001") KEY16, false, 8, "key-type-private"},
        {"0001000038" DATUM("000d", "80000001") KEY16, true, 8, "key-type"},
        {"0001000038" DATUM("0000", "80000001") KEY16, true, 8, "key-type"},
        {"0001000038" DATUM("c004", "80000001") KEY16, true, 8, "key-type"},
        {"0001000048" DATUM("c001", "80000001") KEY16 KEY16, true, 7, "item-length"},
        {"0001000030" DATUM("c001", "80000001") "0001020304050607", true, 7, "key-datum-cut"},
        {"0001000001"
         "00",
         true, 7, "key-datum-cut"},
        {"0002000038" DATUM("c001", "80000001") KEY16 "000038" DATUM("c001", "80000002") KEY16,
         true, 0, NULL},
        {"0002000038" DATUM("c001", "80000001") KEY16 "000038" DATUM("c001", "80000001") KEY16,
         true, 7, "key-repeated"},
        {"000101003f0100000001"
         "0001" DATUM("c001", "00000002") KEY16,
         true, 0, NULL},
        {"00020100070100000001"
         "0000"
         "0100070100000001"
         "0000",
         true, 7, "item-repeated"},
        {"00010100770100000001"
         "0002" DATUM("c001", "00000002") KEY16 DATUM("c001", "00000002") KEY16,
         true, 7, "key-repeated"},
        {"00010100070100000001"
         "0021",
         true, 7, "kek-count"},
        {"00010100060100000001"
         "00",
         true, 7, "item-length"},
        {"00010100070000000001"
         "0000",
         true, 7, "rekey-version"},
        {"000101003f0100000001"
         "0001" DATUM("c001", "00000002") KEY16,
         false, 8, "key-type-private"},
        {"0001020000", true, 7, "item-type"},
        {"0001c20000", true, 7, "item-type"},
        {"0001000039" DATUM("c001", "80000001") KEY16, true, 7, "item-cut"},
        {"00010000", true, 7, "item-cut"},
        {"00", true, 7, "item-cut"},
        {"000000", true, 7, "item-count"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct gk_key_download download;

        CU_ASSERT_TRUE(
            rows[i].notification
                ? refused(rows[i].hex, rows[i].vendor, rows[i].notification, rows[i].code)
                : gk_key_download_read(&download, test_unhex(rows[i].hex), rows[i].vendor, NULL));
    }
}

static void dates_are_checked(void)
{
    static const struct {
        const char *dates;
        uint16_t notification;
        const char *code;
    } rows[] = {
        {"32303236303130313030303030305a32303235303130313030303030305a", 8, "key-dates"},
        {"32303236303130313030303030305a32303236303130313030303030305a", 8, "key-dates"},
        {"32303236303230323536303030305a39393939313233313233353935395a", 7, "stamp"},
        {"32303236303130313030303030305a3939393931323331323335393539ff", 7, "stamp"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char hex[256];

        (void)snprintf(hex, sizeof hex, "0001000038c0018000000101020304%s" KEY16, rows[i].dates);
        CU_ASSERT_TRUE(refused(hex, true, rows[i].notification, rows[i].code));
    }
}

static void sender_identifiers(void)
{
    static const struct {
        const char *hex;
        uint16_t notification;
        const char *code;
    } rows[] = {
        {"0001c1000c800000010000000000000001", 0, NULL},
        {"0001c1000c8000000100000000ffffffff", 0, NULL},
        {"0001c1000c80000001ffffffff00000001", 0, NULL},
        {"0001c1000c80000001ffffffff00000002", 7, "sender-range"},
        {"0001c1000c8000000100000001ffffffff", 0, NULL},
        {"0001c1000c8000000100000002ffffffff", 7, "sender-range"},
        {"0001c1000c800000010000000000000000", 7, "sender-range"},
        {"0001c1000b8000000100000000000001", 7, "item-length"},
        {"0001c1000d80000001000000000000000100", 7, "item-length"},
        {"0002c1000c800000010000000000000001c1000c800000020000000000000001", 0, NULL},
        {"0002c1000c800000010000000000000001c1000c800000010000000100000001", 7, "item-repeated"},
    };
    struct gk_key_download download;
    struct gk_writer to = {0};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].notification) {
            CU_ASSERT_TRUE(refused(rows[i].hex, true, rows[i].notification, rows[i].code));
            continue;
        }
        CU_ASSERT_TRUE(refused(rows[i].hex, false, 7, "item-type"));
        CU_ASSERT_TRUE(gk_key_download_read(&download, test_unhex(rows[i].hex), true, NULL));
        gk_key_download_write(&download, &to);
        CU_ASSERT_HEX(gk_writer_octets(&to), rows[i].hex);
        gk_writer_cut(&to, 0);
    }
    gk_writer_free(&to);
}

static struct gk_key_datum datum_of(uint32_t id)
{
    return (struct gk_key_datum){.type = 49153,
                                 .id = id,
                                 .handle = id * 7,
                                 .created = 1767225600,
                                 .expires = GK_TIME_NEVER,
                                 .key = gk_octets("0123456789abcdef", 16)};
}

static void counts_are_bounded(void)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_key_download *again = gk_alloc(1, sizeof *again);
    struct gk_writer to = {0};
    struct gk_reason why;

    for (; download->gtpk_count < GK_KEY_DOWNLOAD_GTPKS; download->gtpk_count++) {
        uint32_t id = GK_GTPK_ID_LEAST + (uint32_t)download->gtpk_count;

        download->gtpk[download->gtpk_count] = datum_of(id);
        download->sender[download->sender_count++] = (struct gk_sender_ids){id, 5, 6};
    }
    download->has_array = true;
    download->array = (struct gk_rekey_array){.version = 1, .member_id = 9};
    for (; download->array.count < GK_REKEY_ARRAY_KEKS; download->array.count++)
        download->array.kek[download->array.count] = datum_of((uint32_t)download->array.count + 2);
    gk_key_download_write(download, &to);
    CU_ASSERT_TRUE(gk_key_download_read(again, gk_writer_octets(&to), true, &why));
    CU_ASSERT_EQUAL(again->gtpk_count, GK_KEY_DOWNLOAD_GTPKS);
    CU_ASSERT_EQUAL(again->sender_count, GK_KEY_DOWNLOAD_GTPKS);
    CU_ASSERT_EQUAL(again->array.count, GK_REKEY_ARRAY_KEKS);
    CU_ASSERT_EQUAL(again->array.member_id, 9);
    /* One GTPK more. */
    gk_write_u16_at(&to, 0, 2 * GK_KEY_DOWNLOAD_GTPKS + 2);
    gk_package_write(
        GK_KDD_GTPK,
        &(struct gk_key_datum){.type = 49153, .expires = 1, .key = download->gtpk[0].key}, &to);
    CU_ASSERT_FALSE(gk_key_download_read(again, gk_writer_octets(&to), true, &why));
    CU_ASSERT_STRING_EQUAL(why.code, "item-repeated");
    gk_writer_free(&to);
    free(download);
    free(again);
}

static void every_cut_of_a_download_is_noticed(void)
{
    struct gk_octets plain = vector_octets("keys/key_download_plain");
    struct gk_key_download download;
    struct gk_reason why;

    for (size_t size = 0; size < plain.size; size++) {
        /* A copy of its own, so that a read beyond its end is seen. */
        struct gk_secret cut = gk_secret_copy(gk_octets(plain.data, size));

        CU_ASSERT_FALSE(gk_key_download_read(&download, gk_secret_octets(&cut), true, &why));
        CU_ASSERT_EQUAL(why.notification, GK_PAYLOAD_MALFORMED);
        gk_secret_free(&cut);
    }
}

/* --- Rekey Event Data ------------------------------------------------------------------- */

/* The old KEK of a node of Figure 30, as the vectors' comment gives it. */
static struct gk_octets old_kek(uint32_t node)
{
    static uint8_t key[32];

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(0x40 + node + i);
    return gk_octets(key, sizeof key);
}

/* Writes the packages again as they came, and counts them. */
static unsigned rewrite(struct gk_octets plain)
{
    struct gk_packages packages;
    struct gk_key_datum datum;
    struct gk_writer to = {0};
    uint8_t type;
    bool more = true;
    unsigned count = 0;

    gk_write_u16(&to, 0);
    CU_ASSERT_TRUE_FATAL(gk_packages_begin(&packages, plain, NULL));
    for (;;) {
        CU_ASSERT_TRUE_FATAL(gk_packages_next(&packages, &type, &datum, &more, NULL));
        if (!more)
            break;
        gk_package_write(type, &datum, &to);
        count++;
    }
    gk_write_u16_at(&to, 0, (uint16_t)count);
    CU_ASSERT_TRUE(gk_octets_equal(gk_writer_octets(&to), plain));
    gk_writer_free(&to);
    return count;
}

static unsigned open_all(const char *path)
{
    struct gk_group group = help_group();
    struct gk_message message;
    struct gk_reader reader;
    unsigned packages = 0;

    help_parse(&message, vector_octets(path));
    reader = gk_reader(message.rekey[0].data);
    for (unsigned i = 0; i < message.rekey[0].count; i++) {
        struct gk_rekey_data data;
        struct gk_secret plain = {0};
        struct gk_writer aad = {0};

        CU_ASSERT_TRUE_FATAL(gk_rekey_data_read(&data, &reader, NULL));
        gk_aad_rekey(&aad, gk_group_value(&group), data.wrapping_id, data.wrapping_handle);
        /* Pair by pair, changed nodes wrap too: their new keys are not asked for here. */
        if (gk_wrap_open(gk_wrap_find(49154), old_kek(data.wrapping_id), gk_writer_octets(&aad),
                         data.sealed, &plain, NULL))
            packages += rewrite(gk_secret_octets(&plain));
        gk_secret_free(&plain);
        gk_writer_free(&aad);
    }
    CU_ASSERT_TRUE(gk_reader_done(&reader));
    return packages;
}

static void known_rekeys_are_opened(void)
{
    /* RFC 4535 A.3.2: (GTPK)2, (GTPK, 3', 6')12, (GTPK, 3')7. */
    CU_ASSERT_EQUAL(open_all("messages/Rekey Event"), 6);
    /* (GTPK)2, (6')12, (3')7; (GTPK)3' and (3')6' are under new keys. */
    CU_ASSERT_EQUAL(open_all("messages/Rekey Event, pair by pair"), 3);
}

static bool packages_refused(const char *hex, uint16_t notification, const char *code)
{
    struct gk_packages packages;
    struct gk_key_datum datum;
    struct gk_reason why = {0};
    uint8_t type;
    bool more = true;

    if (gk_packages_begin(&packages, test_unhex(hex), &why)) {
        while (more) {
            if (!gk_packages_next(&packages, &type, &datum, &more, &why))
                break;
        }
    }
    if (!why.code && !code)
        return true;
    if (why.code && code && strcmp(why.code, code) == 0 && why.notification == notification)
        return true;
    printf("\n    %s: %s\n", hex, why.code ? why.text : "taken");
    return false;
}

static void packages_fit(void)
{
    CU_ASSERT_TRUE(packages_refused("0000", 0, NULL));
    CU_ASSERT_TRUE(packages_refused("0001000038" DATUM("c001", "80000001") KEY16, 0, NULL));
    CU_ASSERT_TRUE(packages_refused("0001010038" DATUM("c001", "00000002") KEY16, 0, NULL));
    CU_ASSERT_TRUE(packages_refused("00", 7, "packages-cut"));
    CU_ASSERT_TRUE(packages_refused("000000", 7, "packages-rest"));
    CU_ASSERT_TRUE(packages_refused("0001", 7, "packages-cut"));
    CU_ASSERT_TRUE(
        packages_refused("0002000038" DATUM("c001", "80000001") KEY16, 7, "packages-cut"));
    CU_ASSERT_TRUE(
        packages_refused("0000000038" DATUM("c001", "80000001") KEY16, 7, "packages-rest"));
    CU_ASSERT_TRUE(
        packages_refused("0001000039" DATUM("c001", "80000001") KEY16 "00", 7, "package-length"));
    CU_ASSERT_TRUE(
        packages_refused("0001000037" DATUM("c001", "80000001") KEY16, 7, "key-datum-cut"));
    CU_ASSERT_TRUE(
        packages_refused("0001020038" DATUM("c001", "80000001") KEY16, 7, "package-type"));
    CU_ASSERT_TRUE(packages_refused("0001c1000c800000010000000000000001", 7, "package-type"));
    CU_ASSERT_TRUE(packages_refused("0001000038" DATUM("0003", "80000001") KEY16, 8, "key-type"));
}

const struct test_suite suite_keys = {
    "keys",
    {
        {"the known download is read and written", the_known_download_is_read_and_written},
        {"the sealed download is opened", the_sealed_download_is_opened},
        {"known downloads are refused", known_downloads_are_refused},
        {"downloads hold each key once", downloads_hold_each_key_once},
        {"dates are checked", dates_are_checked},
        {"sender identifiers", sender_identifiers},
        {"counts are bounded", counts_are_bounded},
        {"every cut of a download is noticed", every_cut_of_a_download_is_noticed},
        {"known rekeys are opened", known_rekeys_are_opened},
        {"packages fit", packages_fit},
        {NULL, NULL},
    }};
