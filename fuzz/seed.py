"""Fills the stack with data for requests: products with stock, customers, a payment method, and orders in each state."""

from known import Known
from orders import place_orders
from stack import GATEWAY, ask, demo_ids, role_token, until_routed

PRODUCTS = 12
PATH = "/api/v1/catalog/products"
STOCK = "/api/v1/inventory/stock"
REGISTRATIONS = f"{GATEWAY}/api/v1/identity/registrations"
CUSTOMERS = f"{GATEWAY}/api/v1/identity/customers"
ACCOUNT = {"email": "fuzz@example.com", "password": "correct horse battery"}
# The stock of each SKU, which is more than all requests together can use.
PIECES = 100_000


def seed():
    """Fills the stack through the gateway, and returns the known values."""
    staff = role_token("staff")
    known = Known(account=ACCOUNT, spared=demo_ids())
    until_routed(f"{PATH}?limit=1", staff)
    until_routed("/api/v1/sandbox/webhook-behaviour", staff)
    until_routed(f"{STOCK}?limit=1", staff)
    until_routed("/api/v1/orders/orders?limit=1", staff)
    for number in range(PRODUCTS):
        known.learn(product(number, staff))
    register(ACCOUNT["email"], staff)
    for number in range(4):
        customer = register(f"erase-{number}@example.com", staff)
        known.learn(customer)
        if number == 0:
            ask("DELETE", f"{CUSTOMERS}/{customer['id']}", staff, {})
    known.registration = registration("waiting@example.com", staff)
    place_orders(known)
    return known


def product(number, staff):
    """Creates a product with stock. Two of three products are published."""
    sku = f"SEED-{number}"
    variants = [{"sku": sku, "options": {}, "prices": [{"amount": 1250, "currency": "EUR"}]}]
    body = {"handle": f"seed-{number}", "title": f"Seed {number}", "variants": variants}
    made, etag = ask("POST", GATEWAY + PATH, staff, body)
    ask("POST", f"{GATEWAY}{STOCK}/{sku}/adjustments", staff, {"change": PIECES, "reason": "received"})
    if number % 3:
        made, _ = ask("POST", f"{GATEWAY}{PATH}/{made['id']}/publish", staff, headers={"If-Match": etag})
    return made


def registration(email, staff):
    """Starts a registration, and returns its ID and its code."""
    asked, _ = ask("POST", REGISTRATIONS, staff, {"email": email})
    mailed, _ = ask("GET", f"{REGISTRATIONS}/{asked['id']}", staff)
    return {"id": mailed["id"], "code": mailed["code"]}


def register(email, staff):
    """Creates a customer's account."""
    waiting = registration(email, staff)
    url = f"{REGISTRATIONS}/{waiting['id']}/confirmation"
    return ask("PUT", url, staff, {"code": waiting["code"], "password": ACCOUNT["password"]})[0]
