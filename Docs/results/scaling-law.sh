#!/bin/bash
# The runs of the scaling law that comes with Graft, by the recipe and the presets of `graft pretrain`: four sizes of model on
# up to four amounts of text; then a short text that is read up to eight times; then the law, and what it says of two longer
# runs of earlier days (scaling-earlier.json, out of rootstock.json and recipe-parts.json). Docs/SCALING.md shows what it prints.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/scaling-law.sh OUTPUT [train|short|fit]
# The corpora are JSON lines, made by Docs/results/corpora.py DATA OUTPUT/corpus and divided by Docs/results/scaling-text.py
# OUTPUT: every run is measured on the same text, which none reads.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
results=$(realpath "$(dirname "$0")")
recipes=$(realpath "$(dirname "$0")/../../Checkpoints/recipes")
cd "$1"
part=${2:-all}
is() { [ "$part" = all ] || [ "$part" = "$1" ]; }
c=law-corpus
text="$c/wikipedia.jsonl $c/wikinews.jsonl $c/dialogue.jsonl"
mkdir -p law
[ -f law/tokenizer.json ] || "$graft" tokenizer train --vocabulary-size 8192 --output law/tokenizer.json --corpus $text
run() { # NAME PRESET OPERATIONS
  [ -f "law/$1/results.json" ] || "$graft" pretrain --config "$recipes/pretrain.yaml" --backbone "modern-$2-bigrams" --batch 16 \
    --sequence-length 128 --tokenizer law/tokenizer.json --flops "$3" --seed 1 --validation $c/validation.jsonl \
    --cache cache --resume --output "law/$1" --corpus $text
}
short() { # NAME OPERATIONS FLAGS
  [ -f "law/$1/results.json" ] || "$graft" pretrain --config "$recipes/pretrain.yaml" --batch 16 --sequence-length 128 \
    --tokenizer law/tokenizer.json --flops "$2" --seed 1 --validation $c/validation.jsonl --evaluate-every 120 \
    --cache cache --resume --output "law/$1" --corpus $c/short.jsonl "${@:3}"
}
if is train; then
  for operations in 3e12 1e13; do run micro-$operations micro $operations; done
  run nano-1e12 nano 1e12
  for operations in 3e12 1e13 3e13; do
    for size in nano tiny; do run $size-$operations $size $operations; done
  done
  for operations in 1e13 3e13; do run mini-$operations mini $operations; done
fi
if is short; then
  for operations in 3e12 1e13; do short pairs-$operations $operations --backbone modern-nano-bigrams; done
  short pairs-dropout $operations --backbone modern-nano-bigrams --dropout 0.1
  short pairs-decay $operations --backbone modern-nano-bigrams --dropout 0.1 \
    --optimizer-option adamw.rate=1 weight-decay=0.1 adamw.weight-decay=0.1
  for operations in 5e12 1e13; do
    short plain-$operations $operations --backbone modern-nano
    short plain-dropout-$operations $operations --backbone modern-nano --dropout 0.1
  done
fi
if is fit; then
  small="law/micro-3e12 law/micro-1e13 law/nano-1e12 $(echo law/{nano,tiny}-{3e12,1e13,3e13}) law/mini-1e13 law/mini-3e13"
  "$graft" scaling-law $small --predict "$results/scaling-earlier.json"
  "$graft" scaling-law $small "$results/scaling-earlier.json" --output law/scaling-law.json
fi
