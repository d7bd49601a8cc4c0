"""What is fuzzed: each API as each of its callers, apart for the operations that are for the caller and those that are not."""

import json
import os
from dataclasses import dataclass

from stack import ANSWER_LIMIT_SECONDS, GATEWAY, role_token, service_tokens, services, urlopen

AUDIENCES = {"anonymous": {"public"}, "customer": {"public", "customer"}, "staff": {"public", "staff"}}

# A part of the names of those that are wanted alone.
ONLY = os.environ.get("ONLY", "")


@dataclass(frozen=True)
class Api:
    """Some operations of an API, by their IDs, with who calls them. `allowed` says whether they are for that caller."""

    target: str
    caller: str
    allowed: bool
    url: str
    document: dict
    issued: str | None
    operations: tuple[str, ...]

    @property
    def token(self):
        """Of a person the newest: it is good for minutes."""
        return self.issued or (None if self.caller == "anonymous" else role_token(self.caller))

    @property
    def name(self):
        return f"{self.target} as {self.caller}{'' if self.allowed else ', refused'}"


def apis():
    """Every API to be fuzzed; at the gateway and at the services themselves for people, at the services only for services."""
    found = []
    with urlopen(f"{GATEWAY}/openapi.json", timeout=ANSWER_LIMIT_SECONDS) as answer:
        documents = {"gateway": (GATEWAY, json.load(answer))}
    for name, (url, file) in services().items():
        if name != "gateway":
            documents[name] = (url, json.loads(file.read_text(encoding="utf8")))
    for target, (url, document) in documents.items():
        callers = operations(document)
        for caller, audience in AUDIENCES.items():
            mine = tuple(name for name, those in callers.items() if audience & those)
            others = tuple(name for name in callers if name not in mine)
            found.append(Api(target, caller, True, url, document, None, mine))
            found.append(Api(target, caller, False, url, document, None, others))
        for service, token in service_tokens(target).items():
            mine = tuple(name for name, those in callers.items() if {f"service:{service}", "service:*"} & those)
            found.append(Api(target, f"service {service}", True, url, document, token, mine))
    return [api for api in found if api.operations and ONLY in api.name]


def operations(document):
    """Who may call each operation of a document, by its ID."""
    every = (operation for methods in document["paths"].values() for operation in methods.values())
    return {operation["operationId"]: set(operation.get("x-callers", ["public"])) for operation in every}
