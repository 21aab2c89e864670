# The one list of what can be done here. Each recipe is a thin wrapper; nothing needs just.

set shell := ["bash", "-euo", "pipefail", "-c"]

program := "cargo run --quiet --bin claude-hooks --"

_default:
    @just --list

# The daemon in the foreground, on the ordinary config
run *args:
    {{program}} serve {{args}}

# The demo fleet (`just demo down` removes it)
demo *args:
    ./scripts/demo {{args}}

# All that must pass: format, lints, documentation, build, tests, nothing left behind
ci:
    ./.ci/run

# Tests only; `just test stories::create` runs a part
test *args:
    cargo test --workspace {{args}}

# The units under a real systemd, booted in a container
test-systemd:
    ./scripts/test-systemd

# What is published, into dist/: program, Debian package, archive, checksums
release *args:
    ./scripts/release {{args}}

# The image of the supervisor, from the release profile
image *args:
    ./scripts/image {{args}}

# The Debian package installed, upgraded, removed and purged under a real systemd
test-package:
    ./scripts/test-package

# The supervisor in a container of its own
test-image:
    ./scripts/test-image

# The API against its own description, by a fuzzer
test-api:
    ./scripts/test-api

lint:
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

fmt:
    cargo fmt --all

bench *args:
    cargo bench --bench fleet {{args}}

# How quick the page is with 500 agents and 50 events a second
bench-page:
    cargo build --quiet -p claude-hooks-web --example simulated_fleet
    cd web/ui && PAGE_LOAD_SECONDS=20 npm run --silent e2e -- e2e/load.e2e.ts

# Pictures of every page of the dashboard, into docs/dashboard
screenshots:
    ./scripts/screenshots

# Make the containers follow the rows, now
agents-sync *args:
    {{program}} agents-sync {{args}}

# Start every hot container that docker lists and that does not run
containers-up:
    ./scripts/containers up

# Stop every container of the fleet that docker lists
containers-down:
    ./scripts/containers down

# Give every agent the image that its name means now, one after the other
containers-rebuild:
    cargo build --bin claude-hooks
    CLAUDE_HOOKS="$(. ./scripts/lib.sh && bin_dir)/claude-hooks" ./scripts/containers rebuild

# Destroy an agent for ever, its state included; asks first
wipe-agent name *args:
    {{program}} wipe-agent {{name}} {{args}}
