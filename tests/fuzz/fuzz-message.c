/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever octets come: they are refused with a reason, or they are a message. A message is
 * built again, and what is built is a message that is built to the same octets. The octets
 * are also read as what stands inside the encrypted payloads.
 */
#include <stdlib.h>

#include "gsakmp/keys.h"
#include "gsakmp/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good)
        abort();
}

static bool sign_as_before(const struct gk_signer *signer, struct gk_octets data,
                           struct gk_writer *to, struct gk_reason *why)
{
    const struct gk_message *message = signer->context;

    (void)data;
    (void)why;
    gk_write_octets(to, message->signature.signature);
    return true;
}

static void build(struct gk_message *message, struct gk_writer *to)
{
    struct gk_signer signer = {
        .type = message->signature.type, .sign = sign_as_before, .context = message};
    struct gk_reason why;

    message->private_inside = message->vendor;
    must(gk_message_build(message, &signer, to, &why));
}

static void build_again(struct gk_message *message)
{
    struct gk_message again;
    struct gk_writer once = {0};
    struct gk_writer twice = {0};
    struct gk_reason why;

    build(message, &once);
    must(gk_message_parse(&again, gk_writer_octets(&once), &message->group, GK_EXCHANGE_ANY, &why));
    build(&again, &twice);
    must(gk_octets_equal(gk_writer_octets(&once), gk_writer_octets(&twice)));
    gk_writer_free(&once);
    gk_writer_free(&twice);
}

static void read_download(struct gk_octets plain, bool vendor)
{
    struct gk_key_download *download = gk_alloc(1, sizeof *download);
    struct gk_writer to = {0};
    struct gk_reason why;

    if (gk_key_download_read(download, plain, vendor, &why)) {
        struct gk_key_download *again = gk_alloc(1, sizeof *again);

        gk_key_download_write(download, &to);
        must(to.size == plain.size);
        must(gk_key_download_read(again, gk_writer_octets(&to), vendor, &why));
        free(again);
    } else {
        must(why.code != NULL && (why.offset <= plain.size || why.offset == GK_NO_OFFSET));
    }
    gk_writer_free(&to);
    free(download);
}

static void read_packages(struct gk_octets plain)
{
    struct gk_packages packages;
    struct gk_key_datum datum;
    struct gk_writer to = {0};
    struct gk_reason why;
    uint8_t type;
    bool more = true;
    bool good = gk_packages_begin(&packages, plain, &why);

    if (good)
        gk_write_u16(&to, packages.left);
    while (good && more) {
        good = gk_packages_next(&packages, &type, &datum, &more, &why);
        if (good && more)
            gk_package_write(type, &datum, &to);
    }
    must(!good || gk_octets_equal(gk_writer_octets(&to), plain));
    gk_writer_free(&to);
}

static void read_choices(struct gk_octets data)
{
    struct gk_choices choices;
    struct gk_writer to = {0};

    if (gk_choices_parse(&choices, data, 0, NULL)) {
        gk_choices_write(&choices, &to);
        must(to.size == data.size);
    }
    gk_writer_free(&to);
}

static void read_message(struct gk_octets octets)
{
    struct gk_message message;
    struct gk_group group;
    struct gk_reason why = {0};
    bool good = gk_message_parse(&message, octets, NULL, GK_EXCHANGE_ANY, &why);
    size_t length;

    must(good || (why.code && (why.offset <= octets.size || why.offset == GK_NO_OFFSET)));
    if (!good)
        return;
    must(gk_message_peek_group(octets, &group) && gk_group_equal(&group, &message.group));
    must(gk_message_frame(octets, GK_MESSAGE_MAX, &length, &why) && length == octets.size);
    build_again(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gk_octets octets = gk_octets(data, size);

    read_message(octets);
    read_download(octets, true);
    read_download(octets, false);
    read_packages(octets);
    read_choices(octets);
    return 0;
}
