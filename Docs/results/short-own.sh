#!/bin/bash
# Half a megabyte of one's own text, with which the model that comes with Graft goes on for two, four and eight passes: what
# Docs/SCALING.md shows of it, with short-own.json.
#   GRAFT=.build/release/graft Docs/results/short-own.sh OUTPUT
# OUTPUT/short.jsonl and OUTPUT/validation.jsonl are made by Docs/results/corpora.py DATA OUTPUT/corpus and
# Docs/results/short-own.py OUTPUT.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
cd "$1"
for operations in 5e12 1e13 2e13; do
  [ -f "short/$operations/results.json" ] || "$graft" pretrain --corpus short.jsonl --validation validation.jsonl --seed 1 \
    --flops $operations --passes 100 --select last --evaluate-every 12.5% --cache cache --output "short/$operations"
done
