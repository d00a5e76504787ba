/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever text stands in gcksd.conf or gsakmpd.conf: it is refused with a reason, or its
 * settings and groups are read; and nothing of it stays behind. The files that a good group
 * names (announcement, key, certificates) are there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gnutls/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "roles/program/permissions.h"
#include "roles/program/settings.h"
#include "tests/roles/pki-maker.h"
#include "tests/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz-config-XXXXXX";
static const char *const files[] = {"test.conf", "announcement", "key.pem", "certificate.pem"};

static void must(bool good)
{
    if (!good)
        abort();
}

static char *path_of(const char *name)
{
    return gk_format("%s/%s", folder, name);
}

static void save(const char *name, const void *data, size_t size)
{
    char *path = path_of(name);
    FILE *file = fopen(path, "wb");

    must(file && (!size || fwrite(data, 1, size, file) == size) && fclose(file) == 0);
    must(chmod(path, 0600) == 0);
    free(path);
}

static void clean(void)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = path_of(files[i]);

        (void)unlink(path);
        free(path);
    }
    (void)rmdir(folder);
}

static void save_announcement(void)
{
    struct announcement *made = gk_alloc(1, sizeof *made);
    struct gk_writer to = {0};

    must(gk_group_set(&made->group, 2, vector_octets("group/value"), NULL));
    made->mechanism = gk_suite_named("recommended")->mechanism;
    made->owner = gk_strdup("CN=Owner,O=Acme,C=US");
    made->root[made->root_count++] = gk_secret_copy(vector_octets("entities/root/certificate"));
    made->server[made->server_count++] =
        (struct announcement_server){gk_strdup("192.0.2.1"), 3761, false};
    must(announcement_write(made, &to, NULL));
    save("announcement", to.data, to.size);
    gk_writer_free(&to);
    announcement_free(made);
}

static void prepare(void)
{
    const struct test_party *party = test_party_of_vector("gcks");
    gnutls_datum_t der = {(uint8_t *)(uintptr_t)party->certificate.data,
                          (unsigned)party->certificate.size};
    gnutls_datum_t pem = {NULL, 0};

    must(mkdtemp(folder) && atexit(clean) == 0);
    save_announcement();
    save("key.pem", party->key.data, party->key.size);
    must(gnutls_pem_base64_encode2("CERTIFICATE", &der, &pem) == 0);
    save("certificate.pem", pem.data, pem.size);
    gnutls_free(pem.data);
}

/* Both daemons' options. */
static cfg_t *read_settings(const char *path, struct gk_reason *why)
{
    cfg_opt_t group[] = {SETTINGS_GROUP,
                         CFG_STR("token", NULL, CFGF_NONE),
                         CFG_BOOL("rekey_to_members", cfg_false, CFGF_NONE),
                         CFG_INT("degree", 4, CFGF_NONE),
                         CFG_STR_LIST("users", NULL, CFGF_NONE),
                         PERMISSIONS_SECTION,
                         CFG_END()};
    cfg_opt_t options[] = {SETTINGS_GLOBAL, CFG_STR_LIST("listen", NULL, CFGF_NONE),
                           CFG_INT("multicast_ttl", 1, CFGF_NONE),
                           CFG_SEC("group", group, CFGF_MULTI | CFGF_TITLE), CFG_END()};

    return settings_read(path, options, why);
}

/* The table of a file may be anything too: this configuration may name itself. */
static void read_permissions(const char *path, cfg_t *section)
{
    const struct test_party *party = test_party_of_vector("gcks");
    struct gk_reason why = {0};
    struct permissions *permissions = permissions_new(section, path, &why);
    struct pki_identity identity = {.name_key = gk_octets_of(party->name)};

    if (permissions)
        must(permissions_of(permissions, &identity) < 1u << 10);
    else
        must(why.code != NULL);
    permissions_free(permissions);
}

static void read_group(const char *path, cfg_t *section)
{
    struct settings_group group;
    struct gk_reason why = {0};

    if (settings_group_read(&group, path, section, &why))
        must(group.announcement && group.credential_count && group.certificate_count);
    else
        must(why.code != NULL);
    settings_group_free(&group);
    read_permissions(path, section);
}

static void judge(const char *path, cfg_t *cfg)
{
    struct settings_log log;
    struct gk_reason why = {0};
    mode_t mode;

    must(settings_log_read(cfg, path, &log, &why) || why.code);
    if (settings_mode(cfg_getstr(cfg, "control_mode"), &mode, &why))
        must(mode <= 0777);
    for (unsigned i = 0; i < cfg_size(cfg, "group"); i++)
        read_group(path, cfg_getnsec(cfg, "group", i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    struct gk_reason why = {0};
    char *path;
    cfg_t *cfg;

    if (!ready)
        prepare();
    ready = true;
    /* Devices and pipes are the operator's business: a file there may never end. */
    if (memmem(data, size, "/dev", 4) || memmem(data, size, "/proc", 5))
        return 0;
    save("test.conf", data, size);
    path = path_of("test.conf");
    cfg = read_settings(path, &why);
    if (cfg)
        judge(path, cfg);
    else
        must(why.code != NULL);
    if (cfg)
        cfg_free(cfg);
    free(path);
    return 0;
}
