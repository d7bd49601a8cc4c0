"""The stack to fuzz, with its own ports and data, which is removed afterwards."""

import json
import os
import subprocess
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
PORT_BASE = int(os.environ.get("FUZZ_PORT_BASE", "15000"))
FOLDER = ROOT / ".data" / str(PORT_BASE)
GATEWAY = f"http://127.0.0.1:{PORT_BASE}"
START_LIMIT_SECONDS = 120
ANSWER_LIMIT_SECONDS = 20
# All requests come from one address and a few accounts, so the limits are high.
NO_LIMITS = {"RATE_LIMIT_CLIENT": "1000000", "RATE_LIMIT_ACCOUNT": "1000000", "OPERATION_LIMIT_FACTOR": "1000000"}


def bulkhead(*words):
    """Runs the bulkhead command on the stack. It uses only private stores, because the data is deleted."""
    environment = {**os.environ, **NO_LIMITS, "PORT_BASE": str(PORT_BASE)}
    for name in ("MONGODB_URL", "REDIS_URL"):
        environment.pop(name, None)
    command = [ROOT / "node_modules/node/bin/node", ROOT / "packages/cli/bin/bulkhead.js", *words]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=START_LIMIT_SECONDS)


def services():
    """Returns the address of each service, by name."""
    found = {}
    for file in sorted(ROOT.glob("services/*/package.json")):
        port = json.loads(file.read_text(encoding="utf8"))["bulkhead"]["port"]
        found[file.parent.name] = f"http://127.0.0.1:{PORT_BASE + port}"
    return found


def role_token(role):
    return (FOLDER / "tokens/demo" / role).read_text(encoding="utf8").strip()


def demo_ids():
    """Returns the IDs of the demo people."""
    return [account["id"] for account in json.loads((FOLDER / "keys/demo-accounts.json").read_text(encoding="utf8"))]


def webhook_secret():
    """Returns the secret that signs the sandbox's webhooks."""
    return (FOLDER / "keys/SANDBOX_WEBHOOK_SECRET.secret").read_text(encoding="utf8")


def service_tokens(target):
    """Returns the tokens with which other services call a service, by the name of the caller."""
    files = sorted(FOLDER.glob(f"tokens/services/*/{target}"))
    return {file.parent.name: file.read_text(encoding="utf8").strip() for file in files}


def ask(method, url, token, body=None, headers=None):
    """Sends a request that must succeed. Returns the parsed answer and its ETag."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **(headers or {})}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(url, data=data, method=method, headers=headers)
    with urlopen(request, timeout=ANSWER_LIMIT_SECONDS) as answer:
        return json.loads(answer.read()), answer.headers.get("ETag")


def until_routed(path, token):
    """Waits until the gateway routes a path, because the gateway reads contracts only after the services have started."""
    limit = time.monotonic() + ANSWER_LIMIT_SECONDS
    while True:
        try:
            return ask("GET", GATEWAY + path, token)
        except HTTPError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
