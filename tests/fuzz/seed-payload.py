#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first corpus of fuzz-payload: the payloads of the known answers' messages.

    tests/fuzz/seed-payload.py tests/vectors/vectors.json tests/fuzz/corpus/payload
"""
import json
import os
import sys

VENDOR_ID = 10


def payloads(message):
    """The chain of a message (RFC 4535 7.1, 7.2.2)."""
    at = 2 + message[1]
    kind, at = message[at], at + 11
    while kind:
        size = int.from_bytes(message[at + 2:at + 4], "big")
        yield kind, message[at + 4:at + size]
        kind, at = message[at], at + size


def main():
    source, target = sys.argv[1:]
    with open(source) as file:
        messages = json.load(file)["messages"]
    os.makedirs(target, exist_ok=True)
    seen = set()
    for text in messages.values():
        chain = list(payloads(bytes.fromhex(text)))
        vendor = 0x80 if any(kind == VENDOR_ID for kind, _ in chain) else 0
        for kind, body in chain:
            seed = bytes([kind | vendor]) + body
            if seed not in seen:
                seen.add(seed)
                with open(os.path.join(target, "payload-%d-%d" % (kind, len(body))), "wb") as file:
                    file.write(seed)


if __name__ == "__main__":
    main()
