"""What a product, a store and a sale have to be (2.4)."""

from __future__ import annotations

from abcjob.fields import amount, day, identifier, integer, text
from abcjob.rules import Record


class Product(Record):
    """A product, and what it costs."""

    id = identifier(64)
    name = text(200)
    price = amount(14, 2, least=0)
    category = text(100)


class Store(Record):
    """A store, and where it is."""

    id = identifier(64)
    city = text(100)
    region = text(100)
    address = text(300)


class Sale(Record):
    """Pieces of a product that a store sold on a day, and what was paid for them."""

    id = identifier(64)
    product_id = identifier(64)
    store_id = identifier(64)
    sale_date = day()
    quantity = integer(least=1)
    amount = amount(14, 2)
