/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/harness.h"

#define SUITE(name) extern const struct test_suite suite_##name;
#include "tests/run/suites.h"
#undef SUITE

#define SUITE(name) &suite_##name,
static const struct test_suite *const suites[] = {
#include "tests/run/suites.h"
    NULL};
#undef SUITE

int main(int argc, char **argv)
{
    /* One thread makes the order of jobs certain. */
    if (setenv("UV_THREADPOOL_SIZE", "1", 1) != 0)
        return 2;
    return test_main(suites, argc, argv);
}
