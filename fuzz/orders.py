"""Creates orders in the states that requests need, for the demo customer and for guests."""

import time
import uuid

from stack import GATEWAY, ask, role_token

ORDERS = f"{GATEWAY}/api/v1/orders/orders"
METHODS = f"{GATEWAY}/api/v1/sandbox/payment-methods"
APPROVED, AUTHENTICATED = "4242424242424242", "4000002500003155"
EACH = 3
STATE_LIMIT_SECONDS = 20


def place_orders(known):
    """Creates orders that are captured, wait for the bank, and are cancelled, for the customer and for guests. Records all of them."""
    approved, authenticated = (method(number) for number in (APPROVED, AUTHENTICATED))
    known.method = approved
    for turn in range(EACH):
        for token in (role_token("customer"), None):
            waiting = [place(known, authenticated, turn, token) for _ in ("for the bank", "to be cancelled")]
            captured = place(known, approved, turn, token)
            known.learn(arrived(waiting[0], "pending", token))
            known.learn(arrived(captured, "captured", token))
            ask("POST", f"{ORDERS}/{waiting[1]['id']}/cancel", token, headers=secret_of(waiting[1]))
            known.learn(arrived(waiting[1], "cancelled", token))


def method(number):
    card = {"number": number, "expiry": {"month": 12, "year": 2034}, "cvc": "123"}
    return ask("POST", METHODS, None, card)[0]["id"]


def place(known, payment_method, turn, token):
    product, sku = known.variants[turn]
    body = {
        "lines": [{"productId": product, "sku": sku, "quantity": 2}],
        "currency": "EUR",
        "email": "fuzz@example.com",
        "deliveryAddress": {"name": "Fuzz", "street": "Weg 1", "city": "Berlin", "postalCode": "10115", "country": "DE"},
        "shippingMethod": "standard",
        "paymentMethod": payment_method,
    }
    placed, _ = ask("POST", ORDERS, token, body, {"Idempotency-Key": str(uuid.uuid4())})
    known.learn(placed)
    return placed


def secret_of(order):
    """Returns the headers that give access to a guest's order; no headers for a customer's order."""
    return {"Order-Secret": order["secret"]} if "secret" in order else {}


def arrived(order, state, token):
    """Waits until the order has this state, and returns the order. Raises a TimeoutError with the last state after the time limit."""
    limit = time.monotonic() + STATE_LIMIT_SECONDS
    while True:
        now, _ = ask("GET", f"{ORDERS}/{order['id']}", token, headers=secret_of(order))
        if now["state"] == state:
            return now
        if time.monotonic() > limit:
            raise TimeoutError(f"{order['id']} is {now['state']}, not {state}")
        time.sleep(0.1)
