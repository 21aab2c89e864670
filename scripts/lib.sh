# Shared by the scripts of this directory; sourced, never run.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# A plain user's PATH on Debian lacks the places of dockerd and iptables; rustup's place is often only in ~/.profile.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin"
export PATH

# How install-missing says: the engine answers, but not to this user.
EXIT_NOT_IN_GROUP=4

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
die() { warn "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# Empty for root, "sudo" where it exists, otherwise unset work is explained by whoever needs it.
if [ "$(id -u)" = 0 ]; then SUDO=; elif have sudo; then SUDO=sudo; else SUDO=none; fi

as_root() {
  if [ "$SUDO" = none ]; then die "this needs root, and there is no sudo: run as root: $*"; fi
  if [ -n "$SUDO" ]; then sudo env PATH="$PATH" "$@"; else "$@"; fi
}

engine_version() { timeout 10 docker version --format '{{.Server.Version}}' 2>&1; }
engine_answers() { have docker && engine_version >/dev/null; }

# Makes the machine ready, and goes on in the docker group where only that membership is missing. The membership
# holds for this one command: adding the user to the group for good is the user's decision, it is root in other words.
prepare_machine() { # the script's own path and arguments
  local code=0
  "$ROOT/scripts/install-missing" || code=$?
  if [ "$code" = "$EXIT_NOT_IN_GROUP" ] && [ -z "${CLAUDE_HOOKS_IN_GROUP:-}" ] && [ "$SUDO" = sudo ]; then
    say "going on in the group docker, for this command only"
    exec sudo -u "$(id -un)" -g docker env PATH="$PATH" HOME="$HOME" ${CI:+CI="$CI"} \
      ${CARGO_HOME:+CARGO_HOME="$CARGO_HOME"} ${RUSTUP_HOME:+RUSTUP_HOME="$RUSTUP_HOME"} \
      ${CARGO_TARGET_DIR:+CARGO_TARGET_DIR="$CARGO_TARGET_DIR"} CLAUDE_HOOKS_IN_GROUP=1 "$@"
  fi
  [ "$code" = 0 ] || exit "$code"
}

# Where cargo puts the programs: the build names a target, so that is part of the path.
bin_dir() { # profile, dev unless said otherwise
  local host dir=debug
  if [ "${1:-dev}" != dev ]; then dir=$1; fi
  host=$(rustc -vV | sed -n 's/^host: //p')
  printf '%s/%s/%s\n' "${CARGO_TARGET_DIR:-$ROOT/target}" "$host" "$dir"
}

# The dashboard's tools want a Node of at least this version. Cargo alone needs none: what is built is committed.
NODE_LEAST=20.19.0
# Where an older distribution gets a newer one, out of the npm package of that name; not below target/, which is cleaned.
NODE_DIR="$ROOT/web/ui/.node"
PATH="$NODE_DIR/node_modules/node/bin:$PATH"

node_is_new_enough() {
  local version
  have node && version=$(node --version 2>/dev/null) || return 1
  [ "$(printf '%s\n' "$NODE_LEAST" "${version#v}" | sort -V | head -n 1)" = "$NODE_LEAST" ]
}

# Where programs lie that were taken out of the distribution's packages.
TOOLS_DIR="$ROOT/.tools"

tool_is_there() { have "$1" || [ -x "$TOOLS_DIR/$1" ]; } # program

# Where the fuzzer of the API and its validator lie, in an environment of their own.
SCHEMATHESIS_DIR="$TOOLS_DIR/schemathesis"
SCHEMATHESIS_WANTED="$ROOT/scripts/api/requirements.txt"

# Installed whole, and of what is wanted now.
schemathesis_is_there() { cmp -s "$SCHEMATHESIS_WANTED" "$SCHEMATHESIS_DIR/requirements.txt"; }

python_has_venv() { have python3 && python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }

chromium_is_there() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && have "$name"; then return; fi
  done
  return 1
}
