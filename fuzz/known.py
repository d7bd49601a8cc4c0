"""What is known to exist: filled from answers, and put in place of values made up, so that requests reach more than a 404."""

import re

ID = re.compile(r"\b([a-z]{2,12})_[0-7][0-9a-hjkmnp-tv-z]{25}\b")
MOST_OF_A_KIND = 50


class Known:
    """
    IDs by their prefix, and variants as (product ID, SKU), the latest first to be forgotten when there are too many; who may sign in, a
    registration with its code, a payment method that is approved. IDs that are `spared` are never put anywhere: the callers' own accounts.
    `secrets` are those of guests' orders, by ID.
    """

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
        """Notes every ID and variant in an answer's document."""
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
        """The same value with known IDs and SKUs in place of those that were made up. `name` is that of its field."""
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
        """All of it as JSON has it, to be made again of."""
        return {name: getattr(self, name) for name in ("ids", "variants", "account", "registration", "method", "spared", "secrets")}

    def forget(self, parameters):
        """Drops what a path named and is not there, or no longer."""
        for value in (parameters or {}).values():
            kept = self.ids.get(str(value).split("_")[0], [])
            if value in kept and len(kept) > 1:
                kept.remove(value)

    def one_id(self, prefix):
        """One that is known; one that nothing has, where none is."""
        self.turn += 1
        return self._one_of(self.ids.get(prefix) or [f"{prefix}_{'0' * 26}"])

    def one_variant(self):
        """One (product ID, SKU). There must be some."""
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
