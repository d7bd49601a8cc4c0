"""Runs schemathesis once."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from stack import webhook_secret

SEED = "20260101"
EXAMPLES = os.environ.get("EXAMPLES", "10")
FEW_EXAMPLES = "3"
CHECKS = [
    *["not_a_server_error", "status_code_conformance", "content_type_conformance"],
    *["response_headers_conformance", "response_schema_conformance"],
]
# An event stream is closed after its first event, or after REQUEST_SECONDS without one.
CONFIGURATION = "max-stream-events = 1\n"
LIMIT_SECONDS = 300
REQUEST_SECONDS = "10"


def run(api, folder):
    """Fuzzes an API, and prints the result and all errors. Returns if all checks passed, and each call as (operation, status)."""
    place = folder / re.sub(r"\W+", "-", api.name)
    place.mkdir()
    calls = place / "calls"
    calls.touch()
    (place / "openapi.json").write_text(json.dumps(api.document), encoding="utf8")
    (place / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf8")
    hooks = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(Path(__file__).parent)}
    files = {"FUZZ_KNOWN": str(folder / "known.json"), "FUZZ_CALLS": str(calls)}
    access = {"FUZZ_URL": api.url, "FUZZ_TOKEN": api.token or "", "FUZZ_WEBHOOK_SECRET": webhook_secret()}
    start = time.monotonic()
    done = subprocess.run(
        command(api),
        cwd=place,
        env={**os.environ, **hooks, **files, **access},
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    lines = [json.loads(line) for line in calls.read_text(encoding="utf8").splitlines()]
    made = [(line["operation"], line["status"]) for line in lines]
    leaked = [] if api.allowed else [call for call in made if call[1] < 300]
    passed = done.returncode == 0 and not leaked and len(made) > 0
    took = time.monotonic() - start
    text = f"{api.name}: {'passed' if passed else 'FAILED'}, {len(made)} calls, {took:.0f} s"
    if leaked:
        text += f"\nanswered, though not for this caller: {leaked}"
    if done.returncode != 0:
        text += f"\n{done.stdout}\n{done.stderr}"
    print(text, flush=True)
    return passed, made


def command(api):
    """Returns the command. Allowed operations get all tests. Forbidden ones get only enough requests to check that they are refused."""
    words = [str(Path(sys.executable).parent / "schemathesis"), "run", "openapi.json", "--url", api.url]
    words += ["--checks", ",".join(CHECKS), "--seed", SEED, "--generation-database", "none", "--continue-on-failure"]
    words += ["--request-timeout", REQUEST_SECONDS, "--suppress-health-check", "all", "--warnings", "off", "--no-color"]
    if api.allowed:
        # The gateway passes fields on unchecked, so edge values are tested only at the services.
        edges = [] if api.target == "gateway" else ["coverage"]
        words += ["--phases", ",".join(["examples", *edges, "fuzzing", "stateful"]), "--max-examples", EXAMPLES]
    else:
        words += ["--phases", "fuzzing", "--mode", "positive", "--max-examples", FEW_EXAMPLES]
    for operation in api.operations:
        words += ["--include-operation-id", operation]
    return words + (["--header", f"Authorization: Bearer {api.token}"] if api.token else [])
