/* SPDX-License-Identifier: Apache-2.0 */
/* Families 11 and 14: time, and the Group Owner's certificate. */
#include "token/catalogue.h"

static const struct finding_rule times[] = {
    {"GT1101", "signed-in-future", NULL, FINDING_ERROR, "profile 11.13",
     "The signing time lies ahead of the clock, beyond the skew.",
     "Every token that is signed later, with a right clock, would count as older.",
     "Set the clock of the machine that signs, and sign anew."},
    {"GT1102", "older-token", NULL, FINDING_ERROR, "profile 11.5",
     "The token is not newer than one that was accepted before.",
     "Editions and signing times only grow, or an attacker could bring back an old policy.",
     "Raise the edition and sign anew."},
    {"GT1103", "not-yet-valid", NULL, FINDING_ERROR, "RFC 5280 4.1.2.5; profile 11.15",
     "A certificate of the path is not valid yet.", "Every host refuses it until then.",
     "Wait, correct the clock, or have the certificate issued anew."},
    {"GT1104", "expired", NULL, FINDING_ERROR, "RFC 5280 4.1.2.5; profile 11.15",
     "A certificate of the path has expired.", "Every host refuses the token.",
     "Have the certificate renewed, and sign anew with it."},
    {"GT1105", "signed-outside", NULL, FINDING_WARNING, "RFC 5652 11.3; RFC 5280 4.1.2.5",
     "The signing time lies outside the validity of the signer's certificate.",
     "It was signed with a wrong clock or a certificate that had ended; auditors cannot tell when "
     "it was made.",
     "Sign anew with a right clock and a certificate that is valid."},
    {"GT1106", "signer-ends-soon", NULL, FINDING_WARNING, "RFC 5280 4.1.2.5; profile 11.15",
     "The signer's certificate expires within 30 days.",
     "From then on no host takes the token: no server starts, and nobody joins.",
     "Have the certificate renewed, and sign the next edition with it in time."},
    {"GT1107", "issuer-ends-first", NULL, FINDING_WARNING, "RFC 5280 6.1; profile 11.15",
     "An authority that comes with the token expires before the signer's certificate.",
     "The path ends with the first that ends: the token is refused while its signer's certificate "
     "seems valid.",
     "Have the authority renewed, and embed its new certificate."},
    {"GT1108", "keys-outlive-signer", NULL, FINDING_NOTICE, "profile 9.4, 11.15",
     "A key of the token expires after the signer's certificate.",
     "The token is refused before its key ends; a new one is needed sooner than the policy "
     "suggests.",
     "Plan the next edition by the certificate."},
};
const struct finding_family catalogue_time = CATALOGUE_FAMILY("11", "Time", times);

static const struct finding_rule owner[] = {
    {"GT1401", "not-the-owner", "owner-ca", FINDING_ERROR, "profile 4.8; RFC 4534 2",
     "The token is signed by somebody who is not the Group Owner, or it cannot be told who is.",
     "Anybody with a certificate of the same authority could sign a token.",
     "Sign with the owner's key; with several roots name the owner's authority too."},
    {"GT1402", "no-trusted-root", "no-certificate", FINDING_ERROR, "profile 4.6",
     "No path leads from the signer's certificate to a trusted root.",
     "Nobody vouches for the signer.",
     "Embed the intermediates (--chain), or trust the root that issued them."},
    {"GT1403", "revoked", "crl-missing crl-der", FINDING_ERROR, "RFC 5280 6.3; profile 4.5",
     "A certificate of the path is revoked, or its revocation cannot be judged.",
     "The key may be in another's hands.", "Sign with a new key and certificate."},
    {"GT1404", "path-unfit",
     "not-a-ca key-usage path-length path-size critical-extension name-constraints", FINDING_ERROR,
     "RFC 5280 6.1; profile 4.5, 11.15",
     "A certificate of the path may not be used for what it was used for.",
     "Its issuer limited what it stands for.",
     "Have a certificate issued that may sign (digitalSignature) under authorities that may "
     "issue."},
    {"GT1405", "certificate-malformed", "certificate-der certificate-count", FINDING_ERROR,
     "RFC 5280 4.1; profile 4.10, 11.16", "A certificate is malformed, or too many came.",
     "What two readers read in two ways is no proof.", "Have it issued anew."},
    {"GT1406", "key-size", "key-kind key-read", FINDING_ERROR, "profile 4.10, 11.14",
     "A public key is of a kind or size that is not taken.",
     "Short keys can be broken, and very long ones make every host work for an attacker.",
     "Use Ed25519, ECDSA on P-256 or P-384, or RSA of 2048 bits and more."},
    {"GT1407", "signature-algorithm", NULL, FINDING_ERROR, "profile 11.14",
     "A certificate of the path is signed with MD5, SHA-1 or an unknown algorithm.",
     "Such a signature can be made for another certificate.", "Have it issued anew with SHA-256."},
    {"GT1408", "owner-not-judged", NULL, FINDING_NOTICE, "profile 4.8",
     "Whether the signer is the Group Owner was not judged.",
     "Without roots a linter can tell that a signature fits, and not whose it is.",
     "Give --root and --owner."},
    {"GT1409", "crl-ignored", NULL, FINDING_WARNING, "profile 11.19",
     "A revocation list that was given is signed by no authority of the path.",
     "It revokes nothing here; perhaps another was meant.",
     "Give the list of an authority that stands above the signer."},
};
const struct finding_family catalogue_owner =
    CATALOGUE_FAMILY("14", "The Group Owner and the path", owner);
