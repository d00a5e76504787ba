/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests/token/openssl, which holds our envelope against OpenSSL's:
 *
 *     cms-tool sign KEY.pem CERTIFICATE.der CONTENT [ALGORITHM]
 *                                                        the signed token to standard output
 *     cms-tool verify TOKEN                              its content to standard output
 */
#include <stdio.h>
#include <string.h>

#include "gsakmp/suite.h"
#include "token/cms.h"

static struct gk_secret read_file(const char *path)
{
    struct gk_writer writer = {0};
    uint8_t block[4096];
    size_t size;
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        return (struct gk_secret){0};
    }
    while ((size = fread(block, 1, sizeof block, file)) > 0)
        gk_write(&writer, block, size);
    fclose(file);
    return gk_writer_take(&writer);
}

static bool sign(char **arguments, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_secret key = read_file(arguments[0]);
    struct gk_secret certificate = read_file(arguments[1]);
    struct gk_secret content = read_file(arguments[2]);
    struct gk_octets certificates[] = {gk_secret_octets(&certificate)};
    struct gk_signer signer;
    bool good = gk_signer_open(&signer, gk_secret_octets(&key), -1, NULL, why);

    if (good) {
        good = cms_sign_with(arguments[3], gk_secret_octets(&content), certificates, 1, &signer,
                             1767225600, to, why);
        gk_signer_free(&signer);
    }
    gk_secret_free(&key);
    gk_secret_free(&certificate);
    gk_secret_free(&content);
    return good;
}

static bool verify(char **arguments, struct gk_writer *to, struct gk_reason *why)
{
    struct gk_secret token = read_file(arguments[0]);
    struct cms cms;
    bool good = cms_verify(&cms, gk_secret_octets(&token), why);

    if (good)
        gk_write_octets(to, cms.content);
    gk_secret_free(&token);
    return good;
}

int main(int argc, char **argv)
{
    struct gk_writer to = {0};
    struct gk_reason why = {0};
    bool good;

    if ((argc == 5 || argc == 6) && strcmp(argv[1], "sign") == 0)
        good = sign(argv + 2, &to, &why);
    else if (argc == 3 && strcmp(argv[1], "verify") == 0)
        good = verify(argv + 2, &to, &why);
    else
        return 2;
    if (good)
        fwrite(to.data, 1, to.size, stdout);
    else
        fprintf(stderr, "%s: %s\n", why.code, why.text);
    gk_writer_free(&to);
    return good ? 0 : 1;
}
