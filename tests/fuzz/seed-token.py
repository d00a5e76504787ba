#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first corpora of fuzz-token and fuzz-cms from the known answers.

    tests/fuzz/seed-token.py tests/vectors/vectors.json tests/fuzz/corpus
"""
import json
import os
import re
import sys

# A token that says everything at once, as tests/token/test-der-mutate.c builds it.
RICH = """30{ 30{020101 04{72696368} 020105} 30{30{ 30{06082b060105050c0301 04{30{
30{30{30{30{02011f 04{434e3d47}} 04{6361}}} 30{30{}} a1{30{30{30{020103 04{2a4061}} 04{6361}}}}}
30{30{a1{30{810101 810109}} a2{30{}} a3{30{}}}}
30{a0{30{020100 020101} 30{020102 04{6b64}} 02010c 80{} 30{17{3330303130313030303030305a} 010100
0101ff}} 81{2b060105050c0201}} 82{}}}} 30{06032a0304 04{6f7061717565}} }}
30{0500 30{06082b060105050c0303 04{30{ 30{} 30{020100 020101} a3{02013c 020105}
30{06082b060105050c0401 04{}} 18{32303330303130313030303030305a} 30{06082b060105050c0503
04{16{68747470733a2f2f61}}} 30{06082b060105050c0602 04{30{30{} 04{646f6d61696e}}}} }}}}
30{30{06082b060105050c0701 04{30{a0{30{04{80000001} 02013c}} a1{30{04{80000002}}}}}}} }"""


def assemble(tokens):
    """Reads up to an unmatched brace: hexadecimal, and TAG{...}, which gets its length."""
    octets = b""
    while tokens:
        token = tokens.pop(0)
        if token == "}":
            break
        if token.endswith("{"):
            inside = assemble(tokens)
            size = len(inside)
            count = (size.bit_length() + 7) // 8
            length = bytes([size]) if size < 128 else bytes([128 + count]) + size.to_bytes(
                count, "big")
            octets += bytes.fromhex(token[:-1]) + length + inside
        else:
            octets += bytes.fromhex(token)
    return octets


def main():
    source, target = sys.argv[1:]
    with open(source) as file:
        vectors = json.load(file)
    rich = assemble(re.findall(r"[0-9a-f]{2}\{|[0-9a-f]{2}|\}", RICH))
    seeds = {"token/rich": rich.hex(), "cms/signature-value": "300702010102020080"}
    for name, entry in vectors["tokens"].items():
        seeds["token/" + name] = entry["der"]
        seeds["cms/" + name] = entry["signed"]
    for name, text in vectors["token_refusals"].items():
        seeds["token/" + name] = text
    for name, entry in vectors["entities"].items():
        seeds["cms/certificate-" + name] = entry["certificate"]
    for name, text in seeds.items():
        path = os.path.join(target, re.sub("[^a-z0-9/]+", "-", name.lower()).strip("-"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(bytes.fromhex(text))


main()
