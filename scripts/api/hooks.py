"""What schemathesis is told about this API beside its settings. The daemon's types are those of ./scripts/test-api."""

import itertools

import schemathesis

PROBLEM = "urn:claude-hooks:problem:"
LEASES = "/api/v1/leases"
# They say that nobody can be had now: what was asked was understood, and nothing failed.
NO_FAILURES = {("POST", LEASES): {PROBLEM + "nobody-free", PROBLEM + "not-awake"}}
# Agents that are there, beside the one that was made up: `box` is hot and `nap` lazy, both with containers.
AGENTS = itertools.cycle([None, "box-default", "nap-default", None, "dev-default"])
# Few with containers, because each costs a second.
TYPES = itertools.cycle(["dev", None, "dev", "dev", None, "dev", "dev", "box", "dev", "nap"])
MOST_AGENTS = 3
LONGEST_WAIT_S = 1


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Well-formed requests are turned to what is there, and none waits or makes more than the machine can bear."""
    positive = case.meta is not None and case.meta.generation.mode.is_positive
    parameters, body = case.path_parameters, case.body
    if positive and "name" in parameters:
        parameters["name"] = next(AGENTS) or parameters["name"]
    if not isinstance(body, dict):
        return
    if positive and "argv" not in body and "type" in body:
        body["type"] = next(TYPES) or body["type"]
    if case.operation.path == LEASES:
        # Left out it is a minute.
        body.setdefault("wake_s", LONGEST_WAIT_S)
    for member, most in (("wait_s", LONGEST_WAIT_S), ("wake_s", LONGEST_WAIT_S), ("count", MOST_AGENTS)):
        value = body.get(member)
        if isinstance(value, int) and not isinstance(value, bool) and value > most:
            body[member] = most


@schemathesis.check
def no_server_error(ctx, response, case):
    """Nothing that is asked makes the daemon fail."""
    if response.status_code < 500:
        return
    known = NO_FAILURES.get((case.method.upper(), case.operation.path), ())
    problem = response.json()
    if problem.get("type") not in known:
        raise AssertionError(f"{response.status_code} {problem.get('type')}: {problem.get('detail')}")
