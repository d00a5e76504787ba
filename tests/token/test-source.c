/* SPDX-License-Identifier: Apache-2.0 */
/* Policy sources: known answers, and corpora of good and bad files. */
#include "tests/harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors.h"
#include "token/der.h"
#include "token/source.h"

static struct gk_secret compiled(const char *path)
{
    struct gk_reason why = {0};
    struct gk_writer der = {0};
    struct token *token = source_read(test_file(path), path, NULL, &why);

    if (!token || !token_to_der(token, &der, &why))
        printf("\n    %s\n", why.text);
    CU_ASSERT_PTR_NOT_NULL(token);
    token_free(token);
    return gk_writer_take(&der);
}

static void gives(const char *file, const char *vector)
{
    struct gk_secret der = compiled(file);

    CU_ASSERT_HEX(gk_secret_octets(&der), vector_text(vector));
    gk_secret_free(&der);
}

static void known_answers(void)
{
    gives(TEST_DATA "/token/source/good/vector-recommended.xml", "tokens/recommended/der");
    gives(TEST_DATA "/token/source/good/vector-suite1.xml", "tokens/suite1/der");
    gives(TEST_DATA "/token/source/good/vector-new-edition.xml", "tokens/new edition/der");
}

const struct test_suite suite_source = {"source",
                                        {
                                            {"known answers", known_answers},
                                            {NULL, NULL},
                                        }};
