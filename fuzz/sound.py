"""Makes some invented requests consistent, which random values almost never are."""

import hashlib
import hmac
import json
import time

WEBHOOKS = ("payment.authorised", "payment.captured", "payment.voided", "payment.refunded")
MOST_PIECES = 3
ADDRESS = {"name": "Fuzz", "street": "Weg 1", "city": "Berlin", "postalCode": "10115"}


def sound_body(body, name, known):
    """Makes a body consistent. Returns it unchanged if its kind is unknown. `name` is unique among all requests."""
    if {"handle", "title"} <= body.keys():
        return product(body, name)
    if isinstance(body.get("deliveryAddress"), dict) and isinstance(body.get("lines"), list):
        return order(body, known)
    if body.keys() & {"change", "count"} and "reason" in body:
        return {"change": 1, "reason": "received"}
    return body


def product(body, name):
    """Makes the variants match the options, and the attributes match the family."""
    variant = {"sku": name, "options": {}, "prices": [{"amount": 1250, "currency": "EUR"}]}
    apart = ("options", "family", "categories", "attributes", "media")
    kept = {field: value for field, value in body.items() if field not in apart}
    return {**kept, "handle": name, "variants": [variant]}


def order(body, known):
    """Makes the lines contain each product once, in a currency in which it has a price."""
    variants = dict.fromkeys(known.one_variant() for _ in body["lines"])
    lines = [{"productId": product, "sku": sku, "quantity": turn % MOST_PIECES + 1} for turn, (product, sku) in enumerate(variants)]
    kept = {field: value for field, value in body.items() if field != "expectedTotal"}
    # A shipped order needs a shipping method and the whole address.
    address = {**ADDRESS, **body["deliveryAddress"]}
    return {"shippingMethod": "standard", **kept, "deliveryAddress": address, "lines": lines, "currency": "EUR"}


def webhook(turn, known, secret):
    """Returns the body and the signature of the sandbox's webhook for a payment."""
    reference = known.one_id("ord").replace("ord_", "pay_")
    body = json.dumps({"id": f"evt_{turn}", "type": WEBHOOKS[turn % len(WEBHOOKS)], "data": {"reference": reference}}).encode()
    now = int(time.time())
    signature = hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={now},v1={signature}"
