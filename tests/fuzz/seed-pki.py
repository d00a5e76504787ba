#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first corpus of fuzz-pki: names, the known answers' certificates, and CRLs.

    tests/fuzz/seed-pki.py tests/vectors/vectors.json tests/fuzz/corpus/pki
"""
import json
import os
import sys

NAMES = {
    "name-plain": rb"CN=M1,OU=Members,O=Acme,C=US",
    "name-escapes": rb"CN=\ a\,b\#\ +UID=\C4\8D,DC=#16016f",
    "name-aliases": rb"E=a@b,SN=x,2.5.4.12=y,STREET=",
    "name-rule": rb"CN=*+UID=\2A,O=\EF\BC\A1cme",
}


def der(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    if 128 <= size < 256:
        length = bytes([0x81, size])
    return bytes([tag]) + length + content


def attribute(oid, tag, value):
    return der(0x30, der(6, bytes.fromhex(oid)), der(tag, value))


def name(*rdns):
    return der(0x30, *(der(0x31, *rdn) for rdn in rdns))


DER_NAMES = {
    "der-strings": name([attribute("550406", 0x13, b"US")], [attribute("550403", 0x0C, b" a,b# ")],
                        [attribute("2a864886f70d010901", 0x16, b"a@b"),
                         attribute("550403", 0x1E, b"\0A")]),
    "der-odd": name([attribute("550403", 0x14, b"\xe9")], [attribute("550403", 2, b"\5")],
                    [attribute("550403", 0x1C, b"\0\1\xf6\0")]),
}


def crl(revoked, extensions):
    ed25519 = bytes.fromhex("300506032b6570")
    day = der(0x17, b"251231000000Z")
    listed = der(0x30, *(der(0x30, der(2, serial), day) for serial in revoked))
    tbs = der(0x30, der(2, b"\1"), ed25519, DER_NAMES["der-strings"], day, day, listed,
              der(0xA0, der(0x30, *extensions)))
    return der(0x30, tbs, ed25519, der(3, b"\0" + bytes(64)))


def constrained(certificate):
    """The root with NameConstraints of each form in place of its first extension."""
    forms = [der(0x82, b"example.org"), der(0x81, b".example.org"), der(0x86, b".example.org"),
             der(0x87, bytes.fromhex("c0000200ffffff00")), der(0xA4, DER_NAMES["der-strings"])]
    value = der(0x30, der(0xA0, *(der(0x30, form) for form in forms)),
                der(0xA1, *(der(0x30, form) for form in forms)))
    extension = der(0x30, der(6, bytes.fromhex("551d1e")), der(1, b"\xff"), der(4, value))
    names = der(0x30, der(6, bytes.fromhex("551d11")), der(4, der(
        0x30, der(0x82, b"a.example.org"), der(0x81, b"a@b.example.org"),
        der(0x86, b"https://a.example.org/"), der(0x87, b"\xc0\0\2\1"))))
    spki = certificate[certificate.index(bytes.fromhex("302a300506032b6570")):][:44]
    ed25519 = bytes.fromhex("300506032b6570")
    dates = der(0x30, der(0x17, b"250101000000Z"), der(0x17, b"450101000000Z"))
    tbs = der(0x30, der(0xA0, der(2, b"\2")), der(2, b"\5"), ed25519, DER_NAMES["der-strings"],
              dates, DER_NAMES["der-strings"], spki, der(0xA3, der(0x30, extension, names)))
    return der(0x30, tbs, ed25519, der(3, b"\0" + bytes(64)))


def main():
    vectors, corpus = sys.argv[1:]
    entities = json.load(open(vectors))["entities"]
    files = {**NAMES, **DER_NAMES}
    for entity, parts in entities.items():
        files["certificate-" + entity] = bytes.fromhex(parts["certificate"])
    files["certificate-constrained"] = constrained(files["certificate-root"])
    number = der(0x30, der(6, bytes.fromhex("551d14")), der(4, der(2, b"\7")))
    delta = der(0x30, der(6, bytes.fromhex("551d1b")), der(1, b"\xff"), der(4, der(2, b"\6")))
    files["crl-full"] = crl([b"\1", b"\3\xed"], [number])
    files["crl-delta"] = crl([b"\1"], [number, delta])
    os.makedirs(corpus, exist_ok=True)
    for file, octets in files.items():
        with open(os.path.join(corpus, file), "wb") as out:
            out.write(octets)


main()
