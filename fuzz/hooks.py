"""Hooks for schemathesis. They use existing IDs and the right ETag in three of four requests, and record every answer."""

import json
import os
import uuid

import requests
import schemathesis
from known import Known
from sound import sound_body, webhook

with open(os.environ["FUZZ_KNOWN"], encoding="utf8") as file:
    known = Known(**json.load(file))
calls = open(os.environ["FUZZ_CALLS"], "a", encoding="utf8")
counts = {}
authorization = {"Authorization": f"Bearer {token}"} if (token := os.environ["FUZZ_TOKEN"]) else {}

PRODUCT_FILE = "Handle,Title,Variant SKU,Variant Price,Status\nfuzz-{0},Fuzz {0},FUZZ-{0},12.50,active\n"
GET_LIMIT_SECONDS = 5


@schemathesis.serializer("text/csv")
def csv(_context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.hook
def before_call(_context, case, _kwargs):
    label = case.operation.label
    counts[label] = counts.get(label, 0) + 1
    if counts[label] % 4 == 0:
        return
    name = f"fuzz-{os.getpid()}-{counts[label]}"
    case.path_parameters = known.put_into(dict(case.path_parameters or {}))
    case.query = known.put_into(dict(case.query or {}))
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    secret = known.secrets.get((case.path_parameters or {}).get("id"))
    if secret and "/orders/{id}" in case.path:
        case.headers = {**(case.headers or {}), "order-secret": secret}
    if case.media_type == "text/csv":
        case.body = PRODUCT_FILE.format(counts[label]).encode()
    elif isinstance(case.body, dict):
        case.body = known.put_into(case.body)
    if counts[label] % 4 == 1:
        make_sound(case, name, counts[label])
    if case.method != "GET" and case.path_parameters:
        etag = etag_of(case)
        if etag:
            case.headers["If-Match"] = etag


@schemathesis.hook
def after_call(_context, case, response):
    if case.method.lower() != case.operation.method.lower():
        return  # a request with a method that the path does not have is not a call of the operation
    calls.write(json.dumps({"operation": case.operation.label, "status": response.status_code}) + "\n")
    calls.flush()
    if response.status_code in (404, 410) or (case.method == "DELETE" and case.path.endswith("}")):
        known.forget(case.path_parameters)
    if response.status_code < 300 and "json" in "".join(response.headers.get("content-type", [])):
        known.learn(response.json())


def make_sound(case, name, turn):
    """Changes a request so that the service can accept it."""
    if case.path.endswith("/webhooks/{provider}"):
        case.path_parameters["provider"] = "sandbox"
        case.body, signature = webhook(turn, known, os.environ["FUZZ_WEBHOOK_SECRET"])
        case.headers = {**(case.headers or {}), "stripe-signature": signature}
    elif case.path.endswith("/registrations/{id}/confirmation") and known.registration:
        case.path_parameters["id"] = known.registration["id"]
        case.body = {"code": known.registration["code"], "password": known.account["password"]}
    elif isinstance(case.body, dict):
        case.body = sound_body(case.body, name, known)


def etag_of(case):
    """Reads the ETag of a resource. The path of the resource ends after the first parameter."""
    template = case.path[: case.path.index("}") + 1]
    url = os.environ["FUZZ_URL"] + template.format(**case.path_parameters)
    return requests.get(url, headers=authorization, timeout=GET_LIMIT_SECONDS).headers.get("ETag")
