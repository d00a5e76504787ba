/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ROLES_VECTOR_POLICY_H
#define TESTS_ROLES_VECTOR_POLICY_H
/* The known answers' token, and the configuration of a host that takes it. */
#include "roles/load.h"

#define VECTOR_OWNER "CN=Owner,OU=Owners,O=Acme,C=US"

/* Borrows for the rest of the program. */
struct load_policy vector_policy(void);
struct gk_octets vector_token(void);

#endif
