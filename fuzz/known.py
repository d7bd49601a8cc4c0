"""Values that exist in the stack. They come from answers and replace invented values, because those would only cause a 404."""

import re

ID = re.compile(r"\b([a-z]{2,12})_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
MOST_OF_A_KIND = 50


class Known:
    """IDs by their prefix, variants as (product ID, SKU), an account that can sign in, a registration with its code, and an approved
    payment method. If there are too many IDs or variants, the oldest are forgotten. IDs in `spared`, the callers' own accounts, are never used.
    `secrets` has the secrets of guests' orders, by ID."""

    def __init__(self, ids=None, variants=None, account=None, registration=None, method=None, spared=(), secrets=None):
        self.ids = {prefix: list(values) for prefix, values in (ids or {}).items()}
        self.variants = [tuple(variant) for variant in variants or []]
        self.account = account
        self.registration = registration
        self.method = method
        self.spared = list(spared)
        self.secrets = dict(secrets or {})
        self.refresh_token = None
        self.turn = 0

    def learn(self, answer):
        """Records every ID and variant in an answer."""
        if isinstance(answer, dict):
            self.refresh_token = answer.get("refreshToken", self.refresh_token)
            if "secret" in answer and "id" in answer:
                self.secrets[answer["id"]] = answer["secret"]
            product = answer.get("productId", answer.get("id"))
            variants = [(product, one["sku"]) for one in answer.get("variants") or [] if isinstance(one, dict) and "sku" in one]
            if answer.get("status", "published") == "published":
                self._add(self.variants, variants)
            for value in answer.values():
                self.learn(value)
        elif isinstance(answer, list):
            for value in answer:
                self.learn(value)
        elif isinstance(answer, str) and answer not in self.spared and (known := ID.fullmatch(answer)):
            self._add(self.ids.setdefault(known[1], []), [answer])

    def put_into(self, value, name=""):
        """Replaces invented IDs and SKUs in a value with known ones. `name` is the name of the field."""
        self.turn += 1
        if isinstance(value, dict):
            if "productId" in value and "sku" in value and self.variants:
                product, sku = self._one_of(self.variants)
                value = {**value, "productId": product, "sku": sku}
            if "refresh" in value and self.account:
                value = {**value, **self.account, "refresh": "body"}
            elif "refreshToken" in value and self.refresh_token:
                value = {**value, "refreshToken": self.refresh_token}
            return {field: self.put_into(inner, field) for field, inner in value.items()}
        if name in ("method", "paymentMethod") and self.method:
            return self.method
        if isinstance(value, list):
            return [self.put_into(inner) for inner in value]
        if name == "sku" and self.variants and not any(value == sku for _, sku in self.variants):
            return self._one_of(self.variants)[1]
        if isinstance(value, str):
            return ID.sub(lambda match: self._one_of(self.ids.get(match[1]) or [match[0]]), value)
        return value

    def noted(self):
        """Returns all values, from which this object can be restored."""
        return {name: getattr(self, name) for name in ("ids", "variants", "account", "registration", "method", "spared", "secrets")}

    def forget(self, parameters):
        """Forgets the IDs in the parameters of a path that returned a 404."""
        for value in (parameters or {}).values():
            kept = self.ids.get(str(value).split("_")[0], [])
            if value in kept and len(kept) > 1:
                kept.remove(value)

    def one_id(self, prefix):
        """Returns a known ID, or an unused ID if none is known."""
        self.turn += 1
        return self._one_of(self.ids.get(prefix) or [f"{prefix}_{'0' * 26}"])

    def one_variant(self):
        """Returns a known (product ID, SKU). There must be at least one."""
        self.turn += 1
        return self._one_of(self.variants)

    def _one_of(self, values):
        return values[self.turn % len(values)]

    @staticmethod
    def _add(place, values):
        for value in values:
            if value not in place:
                place.append(value)
        del place[:-MOST_OF_A_KIND]
