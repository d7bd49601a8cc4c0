"""`make fuzz`: sends requests of schemathesis to every operation, as every kind of caller, on its own stack. Exits with 1 if an answer is
a 5xx or does not match the OpenAPI document, if a caller gets data that is not for it, or if too few operations were reached with a
2xx status."""

import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from apis import apis
from run import run
from seed import seed
from stack import bulkhead

AT_ONCE = 2
LEAST_REACHED = 0.9


def report(statuses):
    """Prints each operation with its calls and statuses. Returns the share of operations that were reached with a 2xx status."""
    reached = 0
    for (target, operation), counter in sorted(statuses.items()):
        ok = any(200 <= status < 300 for status in counter)
        reached += ok
        seen = " ".join(f"{status}:{count}" for status, count in sorted(counter.items()))
        print(f"{'2xx' if ok else ' - '}  {target:8}  {operation:60}  {counter.total():5} calls  {seen}")
    share = reached / len(statuses) if statuses else 0
    print(f"\n{reached} of {len(statuses)} operations reached with a 2xx ({share:.0%})")
    return share


def fuzz(folder):
    """Seeds the stack, runs all APIs and prints the results. Keeps its files in a folder. Returns the exit code."""
    known = seed()
    (folder / "known.json").write_text(json.dumps(known.noted()), encoding="utf8")
    statuses = defaultdict(Counter)
    failed = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for api, (passed, calls) in pool.map(lambda api: (api, run(api, folder)), apis()):
            if not passed:
                failed.append(api.name)
            for operation, status in calls:
                statuses[api.target, operation][status] += 1
    print()
    share = report(statuses)
    if failed:
        print(f"fuzz: failed: {', '.join(failed)}")
    return 0 if not failed and share >= LEAST_REACHED else 1


def main():
    start = time.monotonic()
    bulkhead("reset", "--force")
    try:
        bulkhead("up", "--detach")
        with tempfile.TemporaryDirectory() as folder:
            code = fuzz(Path(folder))
    finally:
        bulkhead("reset", "--force")
    print(f"fuzz: {time.monotonic() - start:.0f} s")
    return code


if __name__ == "__main__":
    sys.exit(main())
