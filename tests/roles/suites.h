/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(gcks_index)
SUITE(name)
SUITE(pki)
SUITE(pki_crl)
SUITE(pki_keys)
SUITE(rules)
SUITE(rules_terms)
SUITE(load)
SUITE(member_vectors)
SUITE(chain)
