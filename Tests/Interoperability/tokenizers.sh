#!/usr/bin/env bash
# Compares Graft with Hugging Face tokenizers on random combinations of stages.
#
#   tokenizers.sh GRAFT PYTHON [COMBINATIONS [LINES [SEED]]]
#
# GRAFT is the executable; PYTHON has `tokenizers` (0.23). Every combination (normalizers, pre-tokenizers, a model, added
# tokens, a decoder) is trained by the library on a little text, written as tokenizer.json, and given LINES lines: of the
# fixtures' text, of the corpora in $GRAFT_DATA if that is set, and random characters of Unicode. Prints a line for each:
# the combination, lines, lines with other ids, lines with other decoded text. Ends with 1 if there is any.
set -euo pipefail

exec "$2" "$(cd "$(dirname "$0")" && pwd)/compare_tokenizers.py" "$1" "${@:3}"
