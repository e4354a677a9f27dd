#!/bin/bash
# By which optimizer rootstock-mini learns natural language inference: 500 updates of each, chosen among by the validation
# examples, and the best of them as long as the table of Docs/MODELS.md has it by AdamW. Docs/LEARNING.md shows what came out,
# nli-optimizers.json has it.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/nli-optimizers.sh OUTPUT
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
cd "$1"
tuned() { # NAME FLAGS
  [ -f "nli/$1/results.json" ] || "$graft" finetune --checkpoint rootstock-mini --task nli-pool --heads --no-overlap \
    --output "nli/$1" "${@:2}"
}
short="--limit 16000 --epochs 1 --seed 1 --split validation --no-baselines"
tuned adamw-1e-3 $short --optimizer adamw --learning-rate 1e-3
tuned muon-5e-3 $short --optimizer muon --learning-rate 5e-3 --optimizer-option adamw.rate=0.2
tuned muon-1e-2 $short --optimizer muon --learning-rate 1e-2 --optimizer-option adamw.rate=0.1
tuned muon-1e-2-long --limit 20000 --epochs 2 --seed 0 --suite hans --optimizer muon --learning-rate 1e-2 \
  --optimizer-option adamw.rate=0.1
