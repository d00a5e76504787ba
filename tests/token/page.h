/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TOKEN_PAGE_H
#define TESTS_TOKEN_PAGE_H
/* What every page of show --format html must keep, whatever the token says. */
#include <libxml/tree.h>

#include "gsakmp/octets.h"

/* The page, read as XML; NULL when it is none. */
xmlDoc *page_read(struct gk_octets page) GK_MUST_USE;
/* Only elements and attributes that the renderer has, none of them able to fetch or run
 * anything, and only characters with a shape of their own. `what` takes a sentence. */
bool page_harmless(const xmlDoc *doc, struct gk_octets page, char *what, size_t room) GK_MUST_USE;
/* All text of the page, without that of <style>; xmlFree it. */
char *page_text(const xmlDoc *doc) GK_MUST_USE;
/* How many elements of that name, and class where it is not NULL, stand below the node. */
size_t page_count(const xmlNode *at, const char *name, const char *class);

#endif
