/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(announce)
SUITE(cms)
SUITE(cms_ecdsa)
SUITE(cms_vectors)
SUITE(der_check)
SUITE(der_gaps)
SUITE(der_mutate)
SUITE(der_round)
SUITE(der_vectors)
SUITE(render)
SUITE(source)
SUITE(source_meaning)
