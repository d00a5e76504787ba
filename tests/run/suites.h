/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(datagram)
SUITE(jobs)
SUITE(log)
SUITE(store)
SUITE(stream)
SUITE(turn)
