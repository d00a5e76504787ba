/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4535 7.6. Names are compared elsewhere; forms of fixed size are checked here. */
#include "gsakmp/payload.h"

bool gk_u_name_split(struct gk_octets data, struct gk_octets *serial, struct gk_octets *name)
{
    struct gk_reader reader = gk_reader(data);
    uint8_t any = 0;

    *serial = gk_read_octets(&reader, GK_U_NAME_SERIAL);
    *name = gk_read_octets(&reader, gk_read_u32(&reader));
    for (size_t i = 0; i < serial->size; i++)
        any |= serial->data[i];
    return any && gk_reader_done(&reader);
}

static bool is_u_name(struct gk_octets data)
{
    struct gk_octets serial;
    struct gk_octets name;

    return gk_u_name_split(data, &serial, &name);
}

static bool has_form(const struct gk_id_payload *id)
{
    switch (id->type) {
    case GK_ID_IPV4_ADDR:
        return id->data.size == 4;
    case GK_ID_IPV6_ADDR:
        return id->data.size == 16;
    case GK_ID_U_NAME:
        return is_u_name(id->data);
    default:
        return true;
    }
}

static bool parse(struct gk_message *message, struct gk_reader *body, struct gk_reason *why)
{
    size_t at = gk_reader_offset(body);
    struct gk_id_payload id;

    id.class = gk_read_u8(body);
    id.type = gk_read_u8(body);
    id.data = gk_read_rest(body);
    if (!gk_reader_ok(body))
        return gk_payload_whole(body, "Identification", why);
    if (!gk_payload_value(GK_REGISTRY_ID_CLASS, id.class, message->vendor, at, why) ||
        !gk_payload_value(GK_REGISTRY_ID, id.type, message->vendor, at + 1, why))
        return false;
    if (!has_form(&id))
        return gk_refuse(why, GK_PAYLOAD_MALFORMED, at + 2, "id-form",
                         "%zu octets of identification data do not have the form of type %s",
                         id.data.size, gk_registry_name(GK_REGISTRY_ID, id.type));
    if (message->identification_count == 2)
        return gk_payload_repeated("Identification", at, why);
    message->identification[message->identification_count++] = id;
    return true;
}

static size_t count(const struct gk_message *message)
{
    return message->identification_count;
}

static void write(const struct gk_message *message, size_t index, struct gk_writer *to)
{
    gk_write_u8(to, message->identification[index].class);
    gk_write_u8(to, message->identification[index].type);
    gk_write_octets(to, message->identification[index].data);
}

const struct gk_payload_kind gk_payload_identification = {false, parse, count, write};
