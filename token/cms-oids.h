/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOKEN_CMS_OIDS_H
#define TOKEN_CMS_OIDS_H
/* Object identifiers of RFC 5652. */

#define CMS_OID_SIGNED_DATA    "1.2.840.113549.1.7.2"
#define CMS_OID_CONTENT_TYPE   "1.2.840.113549.1.9.3"
#define CMS_OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define CMS_OID_SIGNING_TIME   "1.2.840.113549.1.9.5"
#define CMS_OID_MGF1           "1.2.840.113549.1.1.8" /* RFC 4055 */

#endif
