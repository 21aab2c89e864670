# A small Debian with a real systemd in a container of the engine that is there, with that engine's socket in it. For tests of
# what is installed there; sourced after lib.sh, with a short name of the test and what it tests, in words. Removes all it
# made, however the test ends.
# shellcheck shell=bash

# As the stories name things, so that what a killed one leaves is swept up by ./scripts/test.
TESTED=$2
NAME="cht-$$-$1"
FLEET="cht-$$-sd"
AGENT="cht-$$-agent:1"
SUITE="${DEBIAN_SUITE:-bookworm}"
PACKAGES=systemd,systemd-sysv,dbus,libpam-systemd,procps,man-db,bash-completion
CACHE="${CARGO_TARGET_DIR:-$ROOT/target}/test-debian"
# The engine mounts the runner from here into the agents, so the path is the same in and outside. Neither a temporary nor a
# home directory: the unit sees none of those.
DATA="/var/lib/$NAME"
WORK=$(mktemp -d)
STEP=preparation

check() { STEP=$*; say "-- $*"; }
fail() { warn "FAILED: $STEP: $*"; exit 1; }
# What cannot be tested here: a failure where continuous integration relies on it, else said aloud.
unable() {
  if [ -n "${CI:-}" ]; then die "$*"; fi
  warn "SKIPPED $TESTED: $*"
  exit 0
}

inside() { docker exec "$NAME" "$@"; }
put() { docker exec -i "$NAME" sh -c 'mkdir -p "$(dirname "$1")" && cat >"$1"' put "$1"; }
property() { inside systemctl show --value -p "$1" claude-hooks.service; }

# Reads to the end: whoever still writes when `grep -q` has seen enough would fail.
says() { grep -F -- "$1" >/dev/null; }

# The blocks of a page of the documentation that are run in a place, with the program on PATH and our image where the page
# has its own; in a directory with what the test put there.
guide() { # place, page, variables...
  PREFIX="$FLEET" "$ROOT/scripts/guide" script "$1" "$2" | sed "s/$FLEET-agent:latest/$AGENT/" | put /root/guide/page
  inside env -C /root/guide HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt "${@:3}" \
    bash page >"$WORK/guide" 2>&1 || fail "$(cat "$WORK/guide")"
}

# Each agent's container with all that a restart would change.
lives() { docker ps -a --filter "name=^$FLEET-" --format '{{.Names}}' | sort | xargs -r docker inspect --format '{{.Name}} {{.Id}} {{.State.StartedAt}} {{.State.Status}}'; }

eventually() { # seconds, what, command...
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$until" ]; then fail "$what"; fi
    sleep 0.2
  done
}
state_is() { [ "$(property ActiveState)" = "$1" ]; }
status_has() { case $(property StatusText) in *"$1"*) ;; *) return 1 ;; esac; }
equal() { [ "$1" = "$2" ] || fail "$3: $(diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"))"; }

# Degraded is fine: what a container cannot have is not what is tested.
is_up() { case $(inside systemctl is-system-running 2>&1) in running | degraded) ;; *) return 1 ;; esac; }

show_what_happened() {
  warn "== how the service was"
  inside systemctl status --no-pager -l claude-hooks.service >&2 || true
  inside journalctl --no-pager -b -n 60 >&2 || true
}

clean_up() {
  local code=$? found
  trap - EXIT
  set +e
  if [ "$code" != 0 ] && docker inspect "$NAME" >/dev/null 2>&1; then show_what_happened; fi
  # First whoever would bring the agents back. Its files belong to users that only it knows.
  docker exec "$NAME" find "$DATA" -mindepth 1 -delete >/dev/null 2>&1
  docker rm -f "$NAME" >/dev/null 2>&1
  found=$(docker ps -aq --filter "name=^$FLEET-")
  # shellcheck disable=SC2086
  if [ -n "$found" ]; then docker rm -f $found >/dev/null; fi
  found=$(docker volume ls -q --filter "name=^$FLEET-")
  # shellcheck disable=SC2086
  if [ -n "$found" ]; then docker volume rm $found >/dev/null; fi
  docker rmi "$NAME" "$AGENT" >/dev/null 2>&1
  as_root rm -rf "$DATA"
  as_root rm -rf "$WORK"
  exit "$code"
}

make_debian() {
  if ! have debootstrap; then
    have apt-get || unable "there is no debootstrap, and no apt-get to install it with"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends \
      install debootstrap debian-archive-keyring >/dev/null || unable "debootstrap cannot be installed"
  fi
  say "making a small Debian with systemd (kept in $CACHE)"
  as_root debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$WORK/root" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$WORK/debootstrap.log" 2>&1 ||
    { tail -n 5 "$WORK/debootstrap.log" >&2; unable "debootstrap failed"; }
  mkdir -p "$CACHE"
  as_root tar -C "$WORK/root" --exclude=./var/cache/apt --exclude=./var/lib/apt/lists --exclude=./dev -cf - . >"$1.new"
  mv "$1.new" "$1"
  as_root rm -rf "$WORK/root"
}

make_images() {
  make_debian_image
  make_agent_image
}

make_debian_image() {
  local debian
  debian="$CACHE/debian-$SUITE-$(printf '%s' "$PACKAGES" | cksum | cut -d' ' -f1).tar"
  [ -s "$debian" ] || make_debian "$debian"
  docker import "$debian" "$NAME" >/dev/null
}

make_agent_image() {
  mkdir "$WORK/agent"
  install -m 755 "$(bin_dir)/claude-hooks-demo-agent" "$WORK/agent/agent"
  tar -C "$WORK/agent" --owner=0 --group=0 -cf - agent |
    docker import --change 'ENTRYPOINT ["/agent"]' --change 'CMD ["run"]' - "$AGENT" >/dev/null
}

engine_socket() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  case $host in unix://*) readlink -f "${host#unix://}" ;; *) unable "the engine is not behind a Unix socket: $host" ;; esac
}

boot() { # options of docker run
  local socket
  socket=$(engine_socket)
  as_root mkdir "$DATA"
  docker run -d --name "$NAME" --network none --cap-add SYS_ADMIN --security-opt apparmor=unconfined \
    --cgroupns host -v /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run --tmpfs /run/lock --tmpfs /tmp \
    -v "$socket:/run/docker.sock" -v "$(readlink -f "$(command -v docker)"):/usr/bin/docker:ro" \
    -v "$DATA:$DATA" "$@" \
    "$NAME" /sbin/init >/dev/null
  eventually 60 "systemd does not come up" is_up
  # The socket's group is that of the host.
  inside groupadd --non-unique --gid "$(inside stat -c %g /run/docker.sock)" docker
  inside docker version --format '{{.Server.Version}}' >/dev/null || fail "the docker command line does not run inside"
}

# What a killed one left, but for what is in docker: ./scripts/test sweeps that up.
sweep_data() {
  local dir pid
  for dir in /var/lib/cht-*-*; do
    pid=${dir#/var/lib/cht-}
    if [ -d "$dir" ] && [ ! -e "/proc/${pid%%-*}" ]; then as_root rm -rf "$dir"; fi
  done
}

# Three types: a hot one, one of the given lifecycle with a value of COLOUR, and a lazy one.
types() { # value of COLOUR, lifecycle of dev
  local container='"image": "'$AGENT'", "command": ["run"], "network": "none", "limits": { "memory": "64m", "pids": 64 }'
  put /etc/claude-hooks/agents.json <<JSON
{ "types": {
    "boss": { "lifecycle": "hot", "container": { $container } },
    "dev": { "lifecycle": "$2", "container": { "env": { "COLOUR": "$1" }, $container } },
    "reviewer": { "lifecycle": "lazy", "container": { $container } }
} }
JSON
}

# A docker that cannot be reached while /run/docker-is-away is there.
AWAY=/usr/local/bin/docker-that-may-be-away
put_docker_that_may_be_away() {
  put "$AWAY" <<'SH'
#!/bin/sh
if [ -e /run/docker-is-away ]; then
  echo "Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?" >&2
  exit 1
fi
exec /usr/bin/docker "$@"
SH
  inside chmod 755 "$AWAY"
}
