#!/usr/bin/env bash
# A dispatcher over HTTP: claims an agent of a type, renews the lease while it works, reads what its task prints, gives
# the agent back, and ends as the task ended.
#   examples/dispatcher.sh SOCKET TYPE COMMAND [ARGUMENT...]
set -euo pipefail

[ $# -ge 3 ] || { echo "usage: $0 SOCKET TYPE COMMAND [ARGUMENT...]" >&2; exit 2; }
SOCKET=$1 TYPE=$2
shift 2

# api METHOD PATH [CURL OPTION...]: what is answered, and whether it is a refusal.
api() {
  curl --silent --show-error --fail-with-body --unix-socket "$SOCKET" --request "$1" \
    --header 'Content-Type: application/json' "http://localhost/api/v1/$2" "${@:3}"
}
refused() { echo "refused: $1" >&2; exit 1; }
# field NAME: the first member of this name, of a flat answer on stdin.
field() { sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\\1/p" | head -n 1; }
# words COMMAND...: a JSON list.
words() {
  local word list=
  for word in "$@"; do
    word=${word//\\/\\\\}
    list+=",\"${word//\"/\\\"}\""
  done
  printf '[%s]' "${list#,}"
}

# Waits half a minute for a free agent, and until it is awake.
LEASE=$(api POST leases --data "{\"type\":\"$TYPE\",\"holder\":\"dispatcher.sh\",\"wait_s\":30}") || refused "$LEASE"
ID=$(field id <<<"$LEASE") FENCE=$(field fence <<<"$LEASE") AGENT=$(field instance <<<"$LEASE")
echo "$AGENT is ours, fence $FENCE" >&2

# A lease lives 15 s without a renewal. The fence is refused once somebody else has the agent.
# Whoever reads what we print is not to wait for a pause that outlives us.
renew() { while sleep 5 </dev/null >/dev/null 2>&1; do api PUT "leases/$ID" --header "Lease-Fence: $FENCE" --data '{}' >/dev/null || return; done; }
renew &
RENEWING=$!
release() {
  kill "$RENEWING" 2>/dev/null || true
  api DELETE "leases/$ID" --header "Lease-Fence: $FENCE" >/dev/null
}
trap release EXIT

ANSWER=$(api POST tasks --header "Lease-Fence: $FENCE" \
  --data "{\"instance\":\"$AGENT\",\"lease\":\"$ID\",\"argv\":$(words "$@")}") || refused "$ANSWER"
TASK=$(field id <<<"$ANSWER")
# Until it has begun there is nothing to follow.
STATE=queued
until [[ $STATE != queued && $STATE != waking ]]; do
  STATE=$(api GET "tasks/$TASK?wait_s=1" | field state)
done
api GET "tasks/$TASK/output?follow=1" --no-buffer || true
END=$(api GET "tasks/$TASK?wait_s=600")
CODE=$(field exit_code <<<"$END")
echo "$(field state <<<"$END") ($(field cause <<<"$END")), exit code $CODE" >&2
[[ $(field state <<<"$END") == succeeded ]] || { [[ $CODE =~ ^[1-9][0-9]*$ ]] && exit "$CODE"; exit 1; }
