#!/bin/bash
# Trains rootstock-mini and measures it: what Docs/MODELS.md and its card show.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/rootstock.sh OUTPUT [pretrain|score|tasks]
# The corpora are JSON lines, made by Docs/results/corpora.py DATA OUTPUT/corpus. Training takes an hour and a half of two
# cores of an AMD EPYC (Zen 4), the tasks another hour.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
home=$(realpath "$(dirname "$0")/../..")/Checkpoints/models/rootstock-mini
cd "$1"
part=${2:-all}
is() { [ "$part" = all ] || [ "$part" = "$1" ]; }
if is pretrain; then
  [ -f tokenizer.json ] || "$graft" tokenizer train --vocabulary-size 8192 --output tokenizer.json \
    --corpus corpus/wikipedia.jsonl corpus/wikinews.jsonl corpus/dialogue.jsonl corpus/novels.jsonl
  "$graft" pretrain --config "$home/recipe.yaml" --backbone "$home/backbone.json" --output rootstock-mini --cache cache
fi
if is score; then
  "$graft" evaluate --checkpoint rootstock-mini --task blimp-filtered blimp-supplement --json score-causal.json
  "$graft" evaluate --checkpoint rootstock-mini --task blimp-filtered blimp-supplement --scoring masked --limit 6000 \
    --json score-masked.json
fi
tuned() { # NAME FLAGS
  [ -f "$1/results.json" ] || "$graft" finetune --no-overlap --output "$1" "${@:2}"
}
if is tasks; then
  for start in pretrained untrained; do
    from="--checkpoint rootstock-mini"
    [ $start = pretrained ] || from="$from --untrained"
    for task in sst2 cola mrpc stsb trec; do tuned $start/$task $from --task $task; done
    tuned $start/nli $from --task nli-pool --epochs 2 --suite hans breaking-nli
    tuned $start/rte --checkpoint $start/nli --task rte
  done
fi
