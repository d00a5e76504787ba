/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/harness.h"

#define SUITE(name) extern const struct test_suite suite_##name;
#include "tests/seal/suites.h"
#undef SUITE

#define SUITE(name) &suite_##name,
static const struct test_suite *const suites[] = {
#include "tests/seal/suites.h"
    NULL};
#undef SUITE

int main(int argc, char **argv)
{
    return test_main(suites, argc, argv);
}
