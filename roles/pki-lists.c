/* SPDX-License-Identifier: Apache-2.0 */
#include "roles/pki-lists.h"

#include <stdlib.h>

#include "roles/pki-parts.h"
#include "token/tlv.h"

struct list {
    struct x509_crl crl;
    size_t count;
    struct gk_octets *serial; /* sorted */
};

struct pki_lists {
    unsigned references;
    size_t count;
    struct gk_secret *octets;
    struct gk_octets *der;
    struct list *list;
};

static int order(const void *a, const void *b)
{
    const struct gk_octets *one = a;
    const struct gk_octets *other = b;

    return gk_octets_compare(*one, *other);
}

static void index_serials(struct list *list)
{
    struct gk_reader entries = gk_reader(list->crl.revoked);
    size_t room = 0;

    while (gk_reader_left(&entries)) {
        struct gk_reader entry = tlv_enter(&entries, DER_SEQUENCE);
        struct der_tlv serial;

        if (!tlv_take(&entry, DER_INTEGER, &serial)) /* not after x509_crl_parse */
            break;
        if (list->count == room) {
            room = room ? room * 2 : 16;
            list->serial = gk_realloc(list->serial, room, sizeof *list->serial);
        }
        list->serial[list->count++] = serial.value;
    }
    if (list->count)
        qsort(list->serial, list->count, sizeof *list->serial, order);
}

struct pki_lists *pki_lists_new(const struct gk_octets *crls, size_t count)
{
    struct pki_lists *lists = gk_alloc(1, sizeof *lists);

    lists->references = 1;
    lists->octets = gk_alloc(count, sizeof *lists->octets);
    lists->der = gk_alloc(count, sizeof *lists->der);
    lists->list = gk_alloc(count, sizeof *lists->list);
    for (size_t i = 0; i < count; i++) {
        size_t at = lists->count;

        lists->octets[at] = gk_secret_copy(crls[i]);
        lists->der[at] = gk_secret_octets(&lists->octets[at]);
        lists->list[at] = (struct list){.count = 0};
        if (x509_crl_parse(&lists->list[at].crl, lists->der[at], NULL)) {
            index_serials(&lists->list[at]);
            lists->count++;
        } else {
            gk_secret_free(&lists->octets[at]);
        }
    }
    return lists;
}

struct pki_lists *pki_lists_ref(struct pki_lists *lists)
{
    lists->references++;
    return lists;
}

void pki_lists_unref(struct pki_lists *lists)
{
    if (!lists || --lists->references)
        return;
    for (size_t i = 0; i < lists->count; i++) {
        gk_secret_free(&lists->octets[i]);
        free(lists->list[i].serial);
    }
    free(lists->octets);
    free(lists->der);
    free(lists->list);
    free(lists);
}

void pki_lists_lend(const struct pki_lists *lists, struct pki_trust *trust)
{
    trust->crls = lists->der;
    trust->crl_count = lists->count;
}

/* Did a root sign the one and not the other? */
static bool loses_signature(const struct x509_crl *fresh, const struct x509_crl *held,
                            const struct pki_trust *trust)
{
    for (size_t i = 0; i < trust->root_count; i++) {
        struct x509 root;

        if (x509_parse(&root, trust->roots[i], NULL) && pki_crl_counts(held, &root, trust) &&
            !pki_crl_counts(fresh, &root, trust))
            return true;
    }
    return false;
}

bool pki_list_displaces(struct gk_octets fresh, struct gk_octets held,
                        const struct pki_trust *trust)
{
    struct x509_crl one;
    struct x509_crl other;

    if (gk_octets_equal(fresh, held) || !x509_crl_parse(&other, held, NULL) || other.partial)
        return true;
    return x509_crl_parse(&one, fresh, NULL) && !one.partial &&
           gk_octets_equal(one.issuer, other.issuer) && !x509_crl_newer(&other, &one) &&
           !loses_signature(&one, &other, trust);
}

static size_t newest_of(const struct pki_lists *lists, bool tolerate_sha1,
                        const struct x509 *issuer)
{
    const struct pki_trust trust = {.tolerate_sha1 = tolerate_sha1};
    size_t newest = PKI_NO_LIST;

    for (size_t i = 0; i < lists->count; i++) {
        const struct x509_crl *crl = &lists->list[i].crl;

        if (!crl->partial && pki_crl_counts(crl, issuer, &trust) &&
            (newest == PKI_NO_LIST || x509_crl_newer(crl, &lists->list[newest].crl)))
            newest = i;
    }
    return newest;
}

struct pki_issuers pki_lists_ask(const struct pki_lists *lists, bool tolerate_sha1,
                                 const struct gk_octets *issuers, size_t count)
{
    struct pki_issuers verdict = {.list = PKI_NO_LIST};
    struct gk_octets below = GK_NO_OCTETS;

    for (size_t i = 0; lists->count && i < count; i++) {
        struct x509 issuer;
        size_t list;

        if (!x509_parse(&issuer, issuers[i], NULL)) /* it was a path's */
            return (struct pki_issuers){true, PKI_NO_LIST};
        list = newest_of(lists, tolerate_sha1, &issuer);
        if (!i)
            verdict.list = list;
        else if (pki_lists_name(lists, list, below))
            verdict.revoked = true;
        below = issuer.serial;
    }
    return verdict;
}

bool pki_lists_name(const struct pki_lists *lists, size_t list, struct gk_octets serial)
{
    const struct list *at;

    if (list == PKI_NO_LIST)
        return false;
    at = &lists->list[list];
    return at->count && bsearch(&serial, at->serial, at->count, sizeof *at->serial, order);
}

bool pki_lists_revoke(const struct pki_lists *lists, bool tolerate_sha1,
                      const struct pki_identity *identity)
{
    struct pki_issuers issuers =
        pki_lists_ask(lists, tolerate_sha1, identity->issuers, identity->issuer_count);

    return issuers.revoked || pki_lists_name(lists, issuers.list, identity->serial_der);
}
