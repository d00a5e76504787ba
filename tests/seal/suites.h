/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(seal)
