#!/bin/bash
# What rootstock-mini learns of natural language inference with a head that compares the two texts: 500 updates, chosen among by
# the validation examples, then 20,000 pairs twice, from the released and from drawn values. Docs/LEARNING.md and Docs/MODELS.md
# show what came out, nli-compared.json has it.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/nli-compared.sh OUTPUT
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
mkdir -p "$1/compared"
cd "$1"
tuned() { # NAME FLAGS
  [ -f "compared/$1/results.json" ] || "$graft" finetune --checkpoint rootstock-mini --task nli-pool --limit 20000 --seed 1 \
    --no-overlap --no-baselines --output "compared/$1" "${@:2}"
}
tuned short --steps 500 --split validation
tuned long --epochs 2 --suite hans
tuned untrained --untrained --epochs 2 --split snli-test mnli-mismatched
