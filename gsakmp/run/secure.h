/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GSAKMP_RUN_SECURE_H
#define GSAKMP_RUN_SECURE_H
/*
 * What a program does before it reads its first secret, in this order: run_secure_process,
 * run_secure_json, and, once its files and sockets are open, run_secure_become.
 */
#include "gsakmp/reason.h"

/* Built with a sanitizer, which needs what a debugger needs and locks no memory. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define RUN_SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RUN_SANITIZED 1
#endif
#endif
#ifndef RUN_SANITIZED
#define RUN_SANITIZED 0
#endif

/* No core dumps, no debugger of the same user (PR_SET_DUMPABLE 0), no new privileges. With
 * `lock_memory` nothing is swapped out, which needs CAP_IPC_LOCK or a high RLIMIT_MEMLOCK and
 * is refused without ("secure-memlock"). */
bool run_secure_process(bool lock_memory, struct gk_reason *why) GK_MUST_USE;
/* jansson's memory is wiped when it is freed: JSON on the control socket may hold keys. For
 * the whole process, before any JSON is made. */
void run_secure_json(void);
/* Raises the limit of open files towards `files`, as far as the system lets it; returns what
 * it then is. */
size_t run_secure_files(size_t files);
/* Gives up root for this user, its group and its groups, and makes sure of it. Nothing to do
 * when the program runs as that user; refused when it runs as another than root. */
bool run_secure_become(const char *user, struct gk_reason *why) GK_MUST_USE;

#endif
