/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the first corpora of fuzz-records and fuzz-engine: the records of a group in the
 * middle of its life, and small plays.
 *
 *     seed-records tests/fuzz/corpus/records tests/fuzz/corpus/engine
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/stage.h"

static void save(const char *folder, const char *name, struct gk_octets octets)
{
    char *path = gk_format("%s/%s", folder, name);
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(octets.data, 1, octets.size, file) != octets.size || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
    free(path);
}

static void put(struct gk_writer *to, struct gk_octets octets)
{
    gk_write_u16(to, (uint16_t)octets.size);
    gk_write_octets(to, octets);
}

static void save_records(const char *folder, const struct stage_records *records, size_t node)
{
    struct gk_writer all = {0};
    char *name = gk_format(node ? "member-%zu" : "gcks", node);

    for (size_t i = 0; i < records->count; i++) {
        put(&all, records->records[i].key);
        put(&all, gk_secret_octets(&records->records[i].value));
    }
    save(folder, name, gk_writer_octets(&all));
    free(name);
    gk_writer_free(&all);
}

/* As fuzz-engine.c reads them: action, length, octets. */
static const struct {
    const char *name;
    size_t size;
    const char *play;
} plays[] = {
#define PLAY(name, play)                                                                           \
    {                                                                                              \
        name, sizeof play - 1, play                                                                \
    }
    PLAY("join", "\4\0\2\4\0\2\0\3\0\0\7\3\0\0\0\2\0\3\0\xff"),
    PLAY("rekey-and-replay", "\3\0\2\0\0\2\0\3\0\x10\0\0\0\3\1\0\x80\0\0\3\2\0\0\5\0\1\0"),
    PLAY("evict-and-hour", "\3\0\2\3\0\2\0\3\1\xff\xff\2\0\3\1\xff\xff\7"),
    PLAY("held-jobs", "\6\0\1\1\4\0\2\4\0\2\0\3\0\x20\0\3\0\2\0\0\6\0"),
    PLAY("changed", "\0\0\x09\0\1\0\0\x20\x55\0\x21\x66\0\0\3\1\0\1\2"),
    PLAY("embedded", "\0\0\3\0\x41\0\0\0\3\1\x40\x80\3\0\2\0\0\2\0\3\0\x10\0\0\0\3\1\x40\x80"),
    PLAY("publish", "\3\0\2\5\0\2\0\3\0\x20\0\5\0\1\0\3\0\2\5\1\2\0"),
    PLAY("the-end", "\3\0\2\7\0\2\0\3\0\x20\0\4\0\0"),
#undef PLAY
};

int main(int argc, char **argv)
{
    struct stage *stage = stage_get();

    if (argc != 3)
        return 2;
    for (size_t i = 0; i <= STAGE_OUTSIDE; i++) /* the last has none */
        save_records(argv[1], &stage->then[i], i);
    for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
        save(argv[2], plays[i].name, gk_octets((const uint8_t *)plays[i].play, plays[i].size));
    for (size_t i = 0; i < 8 && i < stage->recorded_count; i++) {
        struct gk_octets message = gk_secret_octets(&stage->recorded[i]);
        struct gk_writer play = {0};
        char *name = gk_format("message-%zu", i);

        gk_write_u8(&play, 1);
        gk_write_u16(&play, (uint16_t)(message.size + 2));
        gk_write_u16(&play, 0);
        gk_write_octets(&play, message);
        save(argv[2], name, gk_writer_octets(&play));
        free(name);
        gk_writer_free(&play);
    }
    return 0;
}
