"""The APIs to fuzz: each API as each of its callers, with separate runs for allowed and forbidden operations."""

import json
import os
from dataclasses import dataclass

from stack import ANSWER_LIMIT_SECONDS, GATEWAY, role_token, service_tokens, services, urlopen

AUDIENCES = {"anonymous": {"public"}, "customer": {"public", "customer"}, "staff": {"public", "staff"}}

# Chooses APIs by parts of their names, with | between them.
ONLY = os.environ.get("ONLY", "").split("|")


@dataclass(frozen=True)
class Api:
    """Operations of one service, by their IDs, and their caller. `allowed` says if the caller may call them. `target` is the gateway or the
    service."""

    service: str
    target: str
    caller: str
    allowed: bool
    url: str
    document: dict
    issued: str | None
    operations: tuple[str, ...]

    @property
    def token(self):
        """Returns the token. Always reads the newest token of a person, because it is valid for only a few minutes."""
        return self.issued or (None if self.caller == "anonymous" else role_token(self.caller))

    @property
    def name(self):
        way = "" if self.target == self.service else f" through the {self.target}"
        return f"{self.service}{way} as {self.caller}{'' if self.allowed else ', refused'}"


def apis():
    """Returns all APIs to fuzz, by service. People call a service directly and through the gateway, services only directly."""
    merged = read(f"{GATEWAY}/openapi.json")
    found = []
    for service, url in services().items():
        if service == "gateway":
            continue
        document = read(f"{url}/.well-known/contract")["provides"]["openapi"]
        found += of_people(service, service, url, document, operations(document))
        found += of_services(service, url, document)
        through = {name: callers for name, callers in operations(merged).items() if name.startswith(f"{service}.")}
        found += of_people(service, "gateway", GATEWAY, merged, through)
    return [api for api in found if api.operations and any(text in api.name for text in ONLY)]


def read(url):
    """Reads a JSON document."""
    with urlopen(url, timeout=ANSWER_LIMIT_SECONDS) as answer:
        return json.load(answer)


def of_people(service, target, url, document, callers):
    """Yields each kind of person, with separate entries for allowed and forbidden operations."""
    document = without_unknown_fields(document)
    for caller, audience in AUDIENCES.items():
        mine = tuple(name for name, allowed in callers.items() if audience & allowed)
        others = tuple(name for name in callers if name not in mine)
        yield Api(service, target, caller, True, url, document, None, mine)
        yield Api(service, target, caller, False, url, document, None, others)


def without_unknown_fields(document):
    """Returns a copy of an OpenAPI document that forbids unknown fields in bodies, because services refuse them from people."""
    copy = json.loads(json.dumps(document))
    for methods in copy["paths"].values():
        for operation in methods.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                close(media.get("schema"), copy)
    return copy


def close(schema, document):
    """Forbids unknown fields in each object of an input schema. Input and answers never share components."""
    if isinstance(schema, list):
        for each in schema:
            close(each, document)
    if not isinstance(schema, dict) or schema.get("additionalProperties") is False:
        return
    reference = schema.get("$ref")
    if reference:
        close(document["components"]["schemas"][reference.rsplit("/", 1)[-1]], document)
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    for part in (*schema.get("properties", {}).values(), *(schema.get(name) for name in ("items", "anyOf", "oneOf"))):
        close(part, document)
    close(schema.get("additionalProperties"), document)


def of_services(service, url, document):
    """Yields each service that calls this one, with the operations that it may call."""
    callers = operations(document)
    for caller, token in service_tokens(service).items():
        mine = tuple(name for name, allowed in callers.items() if {f"service:{caller}", "service:*"} & allowed)
        yield Api(service, service, f"service {caller}", True, url, document, token, mine)


def operations(document):
    """Returns the callers of each operation in an OpenAPI document, by the ID of the operation."""
    every = (operation for methods in document["paths"].values() for operation in methods.values())
    return {operation["operationId"]: set(operation.get("x-callers", ["public"])) for operation in every}
