"""Puts into the stack what requests can find: products, published and not, a customer who may sign in, a payment method."""

from known import Known
from stack import GATEWAY, ask, role_token, until_routed

PRODUCTS = 12
PATH = "/api/v1/catalog/products"
REGISTRATIONS = f"{GATEWAY}/api/v1/identity/registrations"
ACCOUNT = {"email": "fuzz@example.com", "password": "correct horse battery"}
METHODS = "/api/v1/sandbox/payment-methods"
CARD = {"number": "4242424242424242", "expiry": {"month": 12, "year": 2034}, "cvc": "123"}


def seed():
    """Makes products through the gateway, publishes two of three, and returns what is known then."""
    staff = role_token("staff")
    known = Known(account=ACCOUNT)
    until_routed(f"{PATH}?limit=1", staff)
    for number in range(PRODUCTS):
        price = {"amount": 1250, "currency": "EUR"}
        variants = [{"sku": f"SEED-{number}", "options": {}, "prices": [price]}]
        body = {"handle": f"seed-{number}", "title": f"Seed {number}", "variants": variants}
        product, etag = ask("POST", GATEWAY + PATH, staff, body)
        if number % 3:
            url = f"{GATEWAY}{PATH}/{product['id']}/publish"
            product, _ = ask("POST", url, staff, headers={"If-Match": etag})
        known.learn(product)
    registration = f"{REGISTRATIONS}/{ask('POST', REGISTRATIONS, staff, ACCOUNT)[0]['id']}"
    code = ask("GET", registration, staff)[0]["code"]
    ask("PUT", f"{registration}/confirmation", staff, {"code": code})
    until_routed("/api/v1/sandbox/webhook-behaviour", staff)
    known.learn(ask("POST", GATEWAY + METHODS, staff, CARD)[0])
    return known
