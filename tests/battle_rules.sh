#!/bin/bash
# Every sentence of the rules has a test: docs/battle.md against tests/battle_rules.md.
cd "$(dirname "$0")/.." || exit 1
exec /usr/bin/python3 tests/battle_rules.py "$@"
