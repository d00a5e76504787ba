#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first corpus of fuzz-message from the known answers.

    tests/fuzz/seed-message.py tests/vectors/vectors.json tests/fuzz/corpus/message
"""
import json
import os
import re
import sys


def main():
    source, target = sys.argv[1:]
    with open(source) as file:
        vectors = json.load(file)
    seeds = {"message-" + name: text for name, text in vectors["messages"].items()}
    for name, entry in vectors["refusals"].items():
        seeds["refused-" + name] = entry["octets"]
    for name, entry in vectors["key_download_refusals"].items():
        seeds["keys-" + name] = entry[0]
    for entry in vectors["verify"]:
        seeds["signature-%d" % entry["type"]] = entry["octets"]
    seeds["keys-good"] = vectors["keys"]["key_download_plain"]
    # A version 1 message inside a later version (RFC 4535 7.1.2).
    inner = bytes.fromhex(vectors["messages"]["RTJ"])
    outer = inner[:17] + b"\x01\x02\x08" + inner[20:24] + (28 + len(inner)).to_bytes(4, "big")
    seeds["message-in version 2"] = (outer + inner).hex()
    # Opened Rekey Event Data: a GTPK and two KEKs (RFC 4535 A.3.2).
    tree = vectors["tree"]
    packages = [(0, tree["gtpk"]), (1, tree["node3"]), (1, tree["node6"])]
    seeds["packages"] = "0003" + "".join(
        "%02x%04x%s" % (kind, len(datum) // 2, datum) for kind, datum in packages)
    os.makedirs(target, exist_ok=True)
    for name, text in seeds.items():
        path = os.path.join(target, re.sub("[^a-z0-9]+", "-", name.lower()).strip("-"))
        with open(path, "wb") as file:
            file.write(bytes.fromhex(text))


main()
