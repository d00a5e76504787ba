/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(creation)
SUITE(kek)
SUITE(lkh)
SUITE(lkh_event)
SUITE(mechanism)
SUITE(message_build)
SUITE(message_vectors)
SUITE(octets)
SUITE(signature)
SUITE(signer)
SUITE(stamp)
SUITE(wrap)
