#!/usr/bin/env bash
# A run over four nodes with a card each.  From the checkout, which all nodes see:
#
#   ./run.sh serve --device gpu         # once, on a node with a card and a network: it makes the environment
#   DATA=/path/to/kaggle sbatch docs/servers/slurm.sh [OPTION of ./run.sh gpu]…
#
# The servers listen for other nodes, and TensorFlow has no authentication: whoever is on the cluster's
# network can use them while the job runs.  Where that is not acceptable, ask for one node with all cards.
#SBATCH --job-name=dogs-vs-cats-2017
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --gpus-per-node=1
#SBATCH --time=02:00:00
set -euo pipefail
: "${DATA:?the folder with train/, test/ and sample_submission.csv of Kaggle}"
PORT=${PORT:-2222}
WORK=${WORK:-$PWD/work/real}
LOGS=$(mktemp -d "$PWD/servers.XXXXXX")

# A server ends with its step, and the steps with the job.  --overlap leaves the run its share of the first node.
# shellcheck disable=SC2016  # each node's own name
srun --overlap --ntasks-per-node=1 --output="$LOGS/%N" \
    bash -c './run.sh serve --runtime native --device "${DEVICE:-gpu}" --port "$0" --bind "$SLURMD_NODENAME"' "$PORT" &
step=$!
trap 'kill "$step" 2>/dev/null; wait "$step" 2>/dev/null' EXIT

mapfile -t nodes < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
for node in "${nodes[@]}"; do
    until grep -qs '^serve: ready' "$LOGS/$node"; do
        kill -0 "$step" 2>/dev/null || { cat "$LOGS"/* >&2; exit 3; }
        sleep 2
    done
done
servers=$(printf ",%s:$PORT" "${nodes[@]}")
./run.sh gpu --runtime native --engine tf2 --servers "${servers:1}" --data "$DATA" --work "$WORK" \
    --workers "${SLURM_CPUS_PER_TASK:-8}" "$@"
rm -r "$LOGS"
