"""A batch job: rows in, KPIs out, a dated report by morning."""

__version__ = "0.1.0"
