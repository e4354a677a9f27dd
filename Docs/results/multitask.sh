#!/usr/bin/env bash
# One model for nine tasks beside nine models, for Docs/results/nine-tasks.md. From the project's root, after `make build` and
# Docs/results/main.sh, whose pretrained model it starts from:
#   GRAFT_DATA=../shared/data Docs/results/multitask.sh
# Each part is skipped if its results exist and goes on where it was stopped, so the script can be run again.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
runs=${RUNS:-runs/main}
pretrained=${PRETRAINED:-$runs/span-corruption}
: "${GRAFT_DATA:?set GRAFT_DATA to the folder of the data sets}"
export GRAFT_DATA
tasks=(cola sst2 mrpc stsb rte wnli nli multi30k-en-de multi30k-en-fr)
mkdir -p "$runs"

# 2,250 updates each: one model of all of them, or nine of 250.
together=2250
apart=$((together / ${#tasks[@]}))
recipe=(--optimizer adafactor --learning-rate 3e-3 --schedule linear --warmup 100 --batch 64 --dropout 0.1 --save-every 500)

part() { # part NAME FLAGS…
  local name=$1
  shift
  if [ -f "$runs/$name/results.json" ]; then return; fi
  echo "== $name: $*"
  "$graft" finetune --checkpoint "$pretrained" "${recipe[@]}" "$@" --output "$runs/$name" --resume
}

together() { # together NAME FLAGS…
  local name=$1
  shift
  part "together-$name" --task "${tasks[@]}" --steps "$together" --no-baselines "$@"
}
together equal --equal-mixing
together t1 --temperature 1
for task in "${tasks[@]}"; do
  part "apart-$task" --task "$task" --steps "$apart"
done
together t2 --temperature 2
together t8 --temperature 8
