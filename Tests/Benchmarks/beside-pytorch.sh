#!/usr/bin/env bash
# Training steps of Graft and of a PyTorch script on the same cores, in turn, three rounds; the medians of tokens
# per second and the most memory in MB. The script takes --objective clm|mlm|span, --size, --mode, --steps and prints
# `median=N tok/s` and `rss=NMB`:
#   PEER='python torch_step.py' Tests/Benchmarks/beside-pytorch.sh S M
# Preload tcmalloc for PyTorch (LD_PRELOAD inside PEER by way of `env`), which doubles its speed. ROUNDS, STEPS,
# PRECISIONS, OBJECTIVES and GRAFT_FLAGS (such as --micro-batches 2) say otherwise than below.
set -euo pipefail
graft=${GRAFT:-.build/release/graft}
: "${PEER:?set PEER to the command of the PyTorch script}"
rounds=${ROUNDS:-3} steps=${STEPS:-6}

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
field() { sed -n "s/.*\"$1\" *: *{*[^0-9]*\([0-9]*\).*/\1/p"; }

printf '%-16s %-4s %-4s %10s %10s %6s %9s %9s\n' objective size '' Graft PyTorch ratio 'Graft MB' 'PyTorch MB'
for size in "${@:-S}"; do
  for precision in ${PRECISIONS:-bf16 f32}; do
    for objective in ${OBJECTIVES:-causal-lm masked-lm span-corruption}; do
      case $objective in causal-lm) peer=clm ;; masked-lm) peer=mlm ;; *) peer=span ;; esac
      ours=() theirs=() memory=0 other_memory=0
      for ((round = 0; round < rounds; round++)); do
        # shellcheck disable=SC2086
        report=$("$graft" benchmark train --objective "$objective" --size "$size" --precision "$precision" \
          --steps "$steps" ${GRAFT_FLAGS:-} --json -)
        ours+=("$(field median <<<"$report")")
        memory=$(($(field peakMemoryBytes <<<"$report") / 1000000))
        line=$($PEER --objective "$peer" --size "$size" --mode "$precision" --steps "$steps")
        theirs+=("$(sed -n 's/.*median=\([0-9]*\).*/\1/p' <<<"$line")")
        other_memory=$(sed -n 's/.*rss=\([0-9]*\).*/\1/p' <<<"$line")
      done
      mine=$(printf '%s\n' "${ours[@]}" | median)
      other=$(printf '%s\n' "${theirs[@]}" | median)
      printf '%-16s %-4s %-4s %10d %10d %6.2f %9d %9d\n' "$objective" "$size" "$precision" "$mine" "$other" \
        "$(awk "BEGIN {print $mine / $other}")" "$memory" "$other_memory"
    done
  done
done
