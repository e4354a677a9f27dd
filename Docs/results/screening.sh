#!/bin/bash
# Single changes of a small causal language model, 2e13 operations each, one seed: what Docs/LEARNING.md shows.
#   GRAFT=.build/release/graft DATA=../shared/data Docs/results/screening.sh OUTPUT
# OUTPUT gets a run directory for each; corpora are read as JSON lines with the field `text`, made by
#   Docs/results/corpora.py DATA OUTPUT/corpus
set -e
out=$1
graft=${GRAFT:-.build/release/graft}
c=$out/corpus
text="$c/wikipedia.jsonl $c/imdb.jsonl $c/babylm.jsonl $c/wikinews.jsonl $c/captions.jsonl:2 $c/dialogue.jsonl $c/novels.jsonl:0.5"
[ -f $out/tokenizer.json ] || $graft tokenizer train --corpus $c/*.jsonl --vocabulary-size 8192 --output $out/tokenizer.json
preset() { # NAME KEYS
  echo "{\"family\": \"modern\", \"width\": 128, \"heads\": 2, \"headDimension\": 64, \"feedForward\": 512, \"layers\": 6,
   \"activation\": \"relu-squared\", \"tied\": true, \"epsilon\": 1e-6$2}" >$out/$1.json
}
run() { # NAME BACKBONE FLAGS
  [ -f $out/$1/results.json ] || $graft pretrain --corpus $text --tokenizer $out/tokenizer.json --output $out/$1 --flops 2e13 \
    --objective causal-lm --schedule linear --warmup 50 --batch 32 --cache $out/cache --backbone $out/$2.json "${@:3}"
}
preset base ""
preset value-embeddings ', "valueEmbeddingStride": 2'
preset bigrams ', "bigramRows": 8192'
preset cap ', "logitCap": 15'
echo '{"family": "gpt", "width": 128, "heads": 2, "headDimension": 64, "feedForward": 512, "decoderLayers": 6,
 "activation": "gelu", "tied": true, "epsilon": 1e-5, "maximumLength": 512}' >$out/gpt.json
run gpt-adamw gpt --optimizer adamw --learning-rate 3e-3
run base-adamw base --optimizer adamw --learning-rate 3e-3
muon="--optimizer muon --learning-rate 0.02 --optimizer-option"
for rate in 0.15 0.5 1 2; do run base-muon-$rate base $muon adamw.rate=$rate; done
for name in value-embeddings bigrams cap; do run $name $name $muon adamw.rate=0.5; done
run base-muon-slow base --optimizer muon --learning-rate 0.01 --optimizer-option adamw.rate=1
run base-muon-fast base --optimizer muon --learning-rate 0.04 --optimizer-option adamw.rate=0.25
