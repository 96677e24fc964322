#!/bin/sh
# A run in N parts by GNU parallel, on this machine or over ssh, and the parts put together.
#
#   packaging/spread/parallel.sh N OUT [arguments of mxident run]
#   SSH=alpha,beta packaging/spread/parallel.sh 8 out 'rfc9525/*' --client curl
#
# OUT/shard-I/results.ndjson are the parts, OUT/whole/results.ndjson is the whole. Called again with the same arguments it
# makes only the parts that are missing, and goes on where one was killed.
#   SSH       hosts as --sshlogin takes them ("4/alpha,:" is four parts at a time on alpha, and this machine); each has mxident
#             and, as this machine, rsync. OUT, below the home folder as here, stays there: it may be one that all share
#   AT_ONCE   parts at a time on a machine (1: a run uses all its cores by itself)
#   MXIDENT   the program
set -eu
if [ $# -lt 2 ]; then
  echo "parallel.sh: wanted N OUT [arguments of mxident run]" >&2
  exit 2
fi
parts=$1 out=$2
shift 2
case $parts in
  '' | *[!0-9]* | 0) echo "parallel.sh: found \"$parts\", wanted a number of parts" >&2; exit 2 ;;
esac
mkdir -p "$out"
cd "$out"
program=${MXIDENT:-mxident}

# Exit code 1 is news: the part is whole all the same. Any other is a part that has to be made again.
# shellcheck disable=SC2016  # expanded by the shell that runs a part
part='program=$1 part=$2 parts=$3
shift 3
"$program" run "$@" --shard "$part/$parts" --output "shard-$part" --resume || [ $? -eq 1 ]'

set -- sh -c "$part" part "$program" '{}' "$parts" "$@"
if [ -n "${SSH:-}" ]; then
  set -- --sshlogin "$SSH" --workdir . --return 'shard-{}/results.ndjson' "$@"
fi
seq "$parts" | parallel --will-cite -q --jobs "${AT_ONCE:-1}" --joblog parts.log --resume --resume-failed --tag "$@" >parts.txt ||
  echo "parallel.sh: not every part was made; $out/parts.log has the exit codes" >&2

# Names what is missing, and ends with 5 then.
set --
for part in $(seq "$parts"); do
  [ ! -e "shard-$part/results.ndjson" ] || set -- "$@" "shard-$part/results.ndjson"
done
if [ $# -eq 0 ]; then
  echo "parallel.sh: no part was made" >&2
  exit 5
fi
"$program" merge "$@" --output whole
exec "$program" report whole/results.ndjson
