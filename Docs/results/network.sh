#!/bin/bash
# Times training steps on two "machines": network namespaces with a virtual link between them, whose rate tc bounds.
#   sudo GRAFT=.build/release/graft Docs/results/network.sh SIZE STEPS OUTPUT
# One rank on each, a shard each, TCP between them, started as on two real machines: by mpirun, which starts its daemon on the
# other through a shell, here `ip netns exec`. Writes a JSON file of `graft benchmark train` for each rate, micro-batches and
# traffic into OUTPUT; and one without mpirun. Delay is not set: that takes netem, which not every kernel has.
set -e
graft=$(realpath "${GRAFT:-.build/release/graft}")
size=$1 steps=$2 output=$3
mkdir -p "$output"
clean() { ip netns del graft0 2>/dev/null || true; ip netns del graft1 2>/dev/null || true; rm -f "$output/shell"; }
trap clean EXIT
clean
ip netns add graft0
ip netns add graft1
ip link add graft0 netns graft0 type veth peer name graft1 netns graft1
for i in 0 1; do
  ip -n graft$i addr add 10.77.0.$((i + 1))/24 dev graft$i
  ip -n graft$i link set graft$i up
  ip -n graft$i link set lo up
done
# What mpirun calls with the name of a machine and a command.
cat >"$output/shell" <<'SHELL'
#!/bin/bash
shift
exec ip netns exec graft1 unshare -u bash -c "hostname graft1; $*"
SHELL
chmod +x "$output/shell"
two() {
  ip netns exec graft0 mpirun --allow-run-as-root -n 2 --host 10.77.0.1:1,10.77.0.2:1 --bind-to none \
    --mca plm_rsh_agent "$(realpath "$output/shell")" --mca oob_tcp_if_include 10.77.0.0/24 --mca btl self,tcp \
    --mca btl_tcp_if_include 10.77.0.0/24 --mca pml ob1 "$graft" benchmark train --size "$size" --steps "$steps" \
    --warm-up 2 --shards 2 --precision f32 "$@" >/dev/null
}
"$graft" benchmark train --size "$size" --steps "$steps" --warm-up 2 --shards 1 --precision f32 \
  --json "$output/$size-one-shard.json" >/dev/null
"$graft" benchmark train --size "$size" --steps "$steps" --warm-up 2 --shards 2 --precision f32 \
  --json "$output/$size-one-process.json" >/dev/null
for rate in unbounded 10gbit 1gbit 100mbit; do
  for i in 0 1; do
    ip netns exec graft$i tc qdisc del dev graft$i root 2>/dev/null || true
    if [ $rate != unbounded ]; then
      ip netns exec graft$i tc qdisc add dev graft$i root tbf rate $rate burst 1mb latency 50ms
    fi
  done
  for traffic in f32 bf16; do
    two --gradient-traffic $traffic --json "$output/$size-$rate-$traffic.json"
  done
done
