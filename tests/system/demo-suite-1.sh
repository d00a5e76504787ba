#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo-suite-1.sh: all claims of the demonstration under Suite 1 of RFC 4535.
exec "$(dirname "$0")/demo.sh" --suite 1
