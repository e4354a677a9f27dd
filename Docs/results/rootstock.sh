#!/bin/bash
# Trains rootstock-mini and measures it: what Docs/MODELS.md and its card show, and Docs/results/rootstock.json has.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/rootstock.sh OUTPUT [pretrain|score|own|tasks]
# The corpora are JSON lines, made by Docs/results/corpora.py DATA OUTPUT/corpus; OUTPUT/reviews.txt is the first 12 MB of
# imdb.jsonl, a blank line between reviews. Training takes an hour and a half of two cores of an AMD EPYC (Zen 4), the rest
# another hour.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
home=$(realpath "$(dirname "$0")/../..")/Checkpoints/models/rootstock-mini
mkdir -p "$1/runs"
cd "$1"
part=${2:-all}
is() { [ "$part" = all ] || [ "$part" = "$1" ]; }
if is pretrain; then
  [ -f tokenizer.json ] || "$graft" tokenizer train --vocabulary-size 8192 --output tokenizer.json \
    --corpus corpus/wikipedia.jsonl corpus/wikinews.jsonl corpus/dialogue.jsonl corpus/novels.jsonl
  "$graft" pretrain --config "$home/recipe.yaml" --backbone "$home/backbone.json" --output runs/pretraining --cache cache
fi
if is score; then
  "$graft" evaluate --checkpoint rootstock-mini --task blimp-filtered blimp-supplement --json runs/blimp.json
fi
tuned() { # NAME FLAGS
  [ -f "runs/$1/results.json" ] || "$graft" finetune --no-overlap --output "runs/$1" "${@:2}"
}
if is own; then
  # Three minutes of own text, from the released model (as a plan does) and from drawn values.
  text="--corpus reviews.txt --document-boundary blank-lines --flops 3e13"
  [ -d runs/own ] || "$graft" pretrain $text --output runs/own
  [ -d runs/own-drawn ] || "$graft" pretrain $text --vocabulary-size 8192 --output runs/own-drawn
  for model in rootstock-mini runs/own runs/own-drawn; do
    name=$(basename $model)
    tuned sst2-500-$name --checkpoint $model --task sst2 --split validation --limit 500 --seeds 3
    tuned trec-500-$name --checkpoint $model --task trec --split test --limit 500 --seeds 3
  done
fi
if is tasks; then
  for start in pretrained untrained; do
    from="--checkpoint rootstock-mini"
    [ $start = pretrained ] || from="$from --untrained"
    for task in trec cola sst2 stsb; do tuned $start/$task $from --task $task; done
    tuned $start/nli $from --task nli-pool --limit 20000 --epochs 2 --suite hans
    tuned $start/rte --checkpoint runs/$start/nli --task rte
  done
fi
