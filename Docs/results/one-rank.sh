#!/bin/bash
# Times training steps in a process by itself and in one that mpirun started, in turn: what MPI costs where it does nothing.
#   GRAFT=.build/release/graft Docs/results/one-rank.sh STEPS ROUNDS OUTPUT
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
mkdir -p "$3"
for round in $(seq "$2"); do
  for how in alone mpirun; do
    launcher=()
    [ $how = mpirun ] && launcher=(mpirun --allow-run-as-root -n 1 --bind-to none)
    "${launcher[@]}" "$graft" benchmark train --size S --steps "$1" --shards 2 --precision f32 \
      --json "$3/one-rank-$how-$round.json" >/dev/null
  done
done
