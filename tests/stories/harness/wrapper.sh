#!/bin/sh
# docker with faults: logs every call, counts those that change something, obeys the rules file, and is otherwise the
# real docker. Builtins only on the ordinary road, so that it costs next to nothing.
D='@DIR@'
REAL='@REAL@'
PARENT=$PPID
PATH=/usr/bin:/bin
SEP=$(printf '\037')

VERB=
skip=
for word in "$@"; do
  if [ -n "$skip" ]; then skip=; continue; fi
  case $word in
    --config | --host | -H | --context | -c | --log-level | -l) [ -n "$VERB" ] || skip=1 ;;
    -*) ;;
    *)
      case $VERB in
        '') VERB=$word; case $word in container | image | volume | system | network) ;; *) break ;; esac ;;
        *) VERB="$VERB $word"; break ;;
      esac ;;
  esac
done
VERB=${VERB#container }

case $VERB in
  create | start | stop | rm | rename | update | kill | pause | unpause | run | restart | pull | 'image pull' | 'volume create' | 'volume rm')
    CLASS=change ;;
  ps | ls | list) CLASS=list ;;
  inspect) CLASS=inspect ;;
  events | 'system events') CLASS=events ;;
  *) CLASS=other ;;
esac

LINE=$CLASS$SEP$VERB
for word in "$@"; do LINE=$LINE$SEP$word; done
printf '%s\n' "$LINE" >>"$D/calls"
export -p >>"$D/environments"

# The number of this call among its like: the first free file, taken with O_EXCL, so that two at once get two numbers.
number() {
  n=1
  set -C
  until command true 2>/dev/null >"$D/$1/$n"; do
    [ -d "$D/$1" ] || exit 1
    n=$((n + 1))
  done
  set +C
}
N=
if [ "$CLASS" = change ]; then number changes; N=$n; fi
# A stream is no step of anything.
ALL=
if [ "$CLASS" != events ] && [ "$VERB" != logs ]; then number all; ALL=$n; fi

struck() { printf '%s\n' "$VERB" >>"$D/struck"; }
kill_before() { struck; kill -9 "$PARENT"; exit 137; }
kill_after() { struck; "$REAL" "$@"; kill -9 "$PARENT"; exit 137; }
# Until the test's directory goes, at the latest: nothing is left hanging after it.
hang() { while [ -d "$D" ]; do sleep 0.2; done; exit 1; }
fail() { printf '%s\n' "$1" >&2; exit 1; }
answer() { printf '%s' "$1"; exit 0; }
truncated() { "$REAL" "$@" | head -c 40; exit 0; }
# Other words than the caller's reach the engine, and his own come back: two scripts for sed, then the call.
translated() {
  there=$1 back=$2
  shift 2
  for word in "$@"; do
    shift
    set -- "$@" "$(printf '%s\n' "$word" | sed "$there")"
  done
  { "$REAL" "$@"; printf '%s\n' $? >"$D/exit.$$"; } | sed "$back"
  read -r code <"$D/exit.$$"
  rm "$D/exit.$$"
  exit "$code"
}
first_line() { "$REAL" "$@" | head -n 1; exit 0; }
unreachable() {
  [ "$CLASS" != inspect ] || echo '[]'
  fail 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'
}

if [ -f "$D/rules" ]; then . "$D/rules"; fi
if [ "$CLASS" = events ]; then printf '%s\n' "$$" >"$D/events.pid"; fi
exec "$REAL" "$@"
