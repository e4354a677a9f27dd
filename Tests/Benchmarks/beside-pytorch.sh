#!/usr/bin/env bash
# Training steps of Graft and of a PyTorch script on the same cores, in turn, three rounds; the medians of tokens
# per second. The script takes --objective clm|span, --size, --mode and prints `median=N tok/s`:
#   PEER='python torch_step.py' Tests/Benchmarks/beside-pytorch.sh S M
# Preload tcmalloc for PyTorch (LD_PRELOAD inside PEER by way of `env`), which doubles its speed.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
: "${PEER:?set PEER to the command of the PyTorch script}"
rounds=${ROUNDS:-3}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

printf '%-16s %-4s %-4s %10s %10s %6s\n' objective size '' Graft PyTorch ratio
for size in "${@:-S}"; do
  for precision in bf16 f32; do
    for pair in causal-lm:clm span-corruption:span; do
      ours=() theirs=()
      for ((round = 0; round < rounds; round++)); do
        ours+=("$("$graft" benchmark train --objective "${pair%:*}" --size "$size" --precision "$precision" \
          --steps 8 --json - | awk -F'[:,]' '/"median"/ {print int($2)}')")
        theirs+=("$($PEER --objective "${pair#*:}" --size "$size" --mode "$precision" --steps 6 |
          sed -n 's/.*median=\([0-9]*\).*/\1/p')")
      done
      mine=$(printf '%s\n' "${ours[@]}" | median)
      other=$(printf '%s\n' "${theirs[@]}" | median)
      printf '%-16s %-4s %-4s %10d %10d %6.2f\n' "${pair%:*}" "$size" "$precision" "$mine" "$other" \
        "$(awk "BEGIN {print $mine / $other}")"
    done
  done
done
