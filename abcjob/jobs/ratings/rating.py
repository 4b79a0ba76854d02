"""What a row of a customer's file has to be (4.2)."""

from __future__ import annotations

from abcjob.fields import integer, text
from abcjob.rules import Record


class CustomerRating(Record):
    """A rating that a customer gave one of theirs."""

    customer_number = integer()
    customer_rating = integer()
    customer_rating_limit = integer()
    customer_status = text(25)
