/* SPDX-License-Identifier: Apache-2.0 */
/* Each line names a suite that a test-*.c of this folder defines. */
SUITE(control)
SUITE(control_file)
SUITE(datagram)
SUITE(file)
SUITE(hook)
SUITE(jobs)
SUITE(log)
SUITE(secure)
SUITE(store)
SUITE(stream)
SUITE(turn)
SUITE(watch)
