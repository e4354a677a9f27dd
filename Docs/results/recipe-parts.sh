#!/bin/bash
# What each part of the recipe pays: from a GPT-2 block with AdamW to what `graft pretrain` does, one change at a time in both
# directions, 1e14 operations each, then the old recipe with three times as many: what Docs/LEARNING.md shows.
#   GRAFT=.build/release/graft GRAFT_DATA=../shared/data Docs/results/recipe-parts.sh OUTPUT
# The corpora are JSON lines, made by Docs/results/corpora.py DATA OUTPUT/corpus.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
cd "$1"
c=corpus
text="$c/wikipedia.jsonl $c/wikinews.jsonl $c/dialogue.jsonl $c/novels.jsonl:0.5"
mkdir -p parts
[ -f tokenizer.json ] || $graft tokenizer train --vocabulary-size 8192 --output tokenizer.json \
  --corpus $c/wikipedia.jsonl $c/wikinews.jsonl $c/dialogue.jsonl $c/novels.jsonl
modern() { # NAME KEYS
  echo "{\"family\": \"modern\", \"width\": 128, \"heads\": 2, \"headDimension\": 64, \"feedForward\": 512, \"layers\": 6,
   \"activation\": \"relu-squared\", \"tied\": true, \"epsilon\": 1e-6$2}" >parts/$1.json
}
modern modern ""
modern bigrams ', "bigramRows": 8192'
echo '{"family": "gpt", "width": 128, "heads": 2, "headDimension": 64, "feedForward": 512, "decoderLayers": 6,
 "activation": "gelu", "tied": true, "epsilon": 1e-5, "maximumLength": 512}' >parts/gpt.json
run() { # NAME BACKBONE FLAGS
  [ -f parts/$1/results.json ] || $graft pretrain --corpus $text --tokenizer tokenizer.json --output parts/$1 --cache cache \
    --shuffle-documents --batch 32 --evaluate-every 500 --backbone parts/$2.json --flops "${flops:-1e14}" "${@:3}"
}
adamw="--optimizer adamw --learning-rate"
muon="--optimizer muon --learning-rate 0.02 --optimizer-option adamw.rate=1"
causal="--objective causal-lm"
hybrid="--objective hybrid-lm --set final-masking-rate=0.15"
linear="--schedule linear --warmup 2%"
flat="--schedule constant --cooldown 0.6 --warmup 2%"
pairs="--embeddings cooccurrence"
run new bigrams $hybrid $muon $flat $pairs
for rate in 3e-3 1e-3 1e-2; do run old-$rate gpt $causal $adamw $rate $linear; done
flops=3e14 run old-threefold gpt $causal $adamw 3e-3 $linear
run new-adamw bigrams $hybrid $adamw 3e-3 $flat $pairs
run new-causal bigrams $causal $muon $flat $pairs
run new-gpt gpt $causal $muon $flat $pairs
run new-drawn bigrams $hybrid $muon $flat
run new-modern modern $hybrid $muon $flat $pairs
run new-linear bigrams $hybrid $muon $linear $pairs
run old-muon gpt $causal $muon $linear
run old-modern modern $causal $adamw 3e-3 $linear
run old-bigrams bigrams $causal $adamw 3e-3 $linear
run old-flat gpt $causal $adamw 3e-3 $flat
run old-pairs gpt $causal $adamw 3e-3 $linear $pairs
run old-hybrid modern $hybrid $adamw 3e-3 $linear
