#!/bin/sh
# A run as an array of Slurm, a part a task: mxident reads the place from SLURM_ARRAY_TASK_ID and its likes.
#
#   array=$(sbatch --parsable --array=1-8 packaging/spread/slurm.sh OUT [arguments of mxident run])
#   sbatch --dependency=afterany:"$array" --wrap "mxident merge OUT/shard-*/results.ndjson --output OUT/whole"
#
# OUT lies where all nodes see it. A task that was killed goes on where it was: sbatch --array=3 would be another array with
# another count, so "scontrol requeue JOB_3" is the way.
#SBATCH --job-name=mxident
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --requeue
set -eu
if [ $# -lt 1 ] || [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
  echo "slurm.sh: wanted to be a task of an array, as in sbatch --array=1-8 slurm.sh OUT [arguments of mxident run]" >&2
  exit 2
fi
out=$1
shift
# News (1) is no failure of the task.
"${MXIDENT:-mxident}" run "$@" --output "$out/shard-$SLURM_ARRAY_TASK_ID" --resume || [ $? -eq 1 ]
