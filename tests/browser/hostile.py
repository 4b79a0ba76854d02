"""Input files of the jobs whose every text is something that a page could take for its own."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

from jukebox_events import allocated, bought, customer, location, paid, played, published

from abcjob.jobs.jukebox import sample as jukebox_sample
from abcjob.jobs.jukebox.sample_parameters import SampleParameters as JukeboxParameters
from abcjob.jobs.sales import sample as sales_sample
from abcjob.jobs.sales.sample_parameters import SampleParameters as SalesParameters

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 20)
# What runs calls itself so.
RAN = "document.title='hit'"
TEXTS = (
    f"<script>{RAN}</script>",
    f'" onload="{RAN}" x="',
    f'\'><img src=x onerror="{RAN}">',
    "</style><style>*{display:none}</style>",
    f"</title></svg><svg onload={RAN}>",
    f"javascript:{RAN}",
    "{{7*7}}{% if %}${7*7}",
    '<a href="https://example.com/">free</a><!--',
    "<details open ontoggle=alert(1)>&amp;",
    "a name that goes on and on " * 2 + "without-a-blank-" * 2 + "x" * 14,  # 100 characters
)
# ... as the begin of a file's name, where neither a slash nor the date's place stands.
FILES = [text.replace("/", "") for text in TEXTS if "*" not in text]
HEADER = ("customer_number", "customer_rating", "customer_rating_limit", "customer_status")


def sales(folder: Path) -> None:
    """A shop's sample; the products and regions of most revenue have hostile names."""
    sales_sample.write(SalesParameters(rows=2_000, kind="ndjson"), DAY, folder)
    added: dict[str, list[dict[str, object]]] = {"products": [], "stores": [], "sales": []}
    for n, text in enumerate(TEXTS):
        key = 90_000 + n
        added["products"].append({"id": f"{key}", "name": text, "price": 999, "category": text})
        added["stores"].append({"id": f"{key}", "city": text, "region": text, "address": text})
        added["sales"] += [
            {"id": f"{key}{back}", "product_id": f"{key}", "store_id": f"{key}", "quantity": 20 - n}
            | {"sale_date": f"{DAY - timedelta(back)}", "amount": 999 * (20 - n)}
            for back in (0, 40, 80)
        ]
    for name, rows in added.items():
        with (folder / f"{name}.ndjson").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def jukebox(folder: Path) -> None:
    """A sample of events; the agents of most plays and what they sold have hostile names."""
    few = JukeboxParameters(customers=20, months=6, plays=300)
    jukebox_sample.write(few, DAY, folder)
    at, today = "2026-10-01", str(DAY)
    lines = [
        customer("xc", at, 9_000),
        location("xl", at, 9_000, 9_000),
        published("xs", at, 9_000),
    ]
    for n, text in enumerate(TEXTS):
        key = 9_000 + n
        sold = {"to": 9_000, "agent": (key, text), "name": text}
        lines += [
            bought(f"xb{n}", at, key, 100, text),
            allocated(f"xa{n}", at, key, 500, **sold),  # type: ignore[arg-type]
            paid(f"xp{n}", today, key, 500, key),
            *(played(f"xm{n}-{m}", today, key, song=9_000) for m in range(60)),
        ]
    (folder / "hostile.ndjson").write_bytes(b"\n".join(lines))


def ratings(folder: Path) -> Path:
    """Files of hostile names, statuses and headers. Returns the customers' metadata."""
    rows = [(n, n % 9, 9, text, text) for n, text in enumerate(TEXTS * 5)]
    wrong = [(n + 900, text, -1, "new", "") for n, text in enumerate(TEXTS)]
    blocks = []
    for n, name in enumerate(FILES):
        blocks.append(
            f"[[customer]]\nname = 'customer_{n}'\nfiles = {json.dumps(f'{name}*.csv')}\n"
            "max_invalid_percent = 100\n"
        )
        # Of the last, the file is missing: what was looked for is told.
        if n + 1 < len(FILES):
            with (folder / f"{name}{DAY:%Y%m%d}.csv").open("w", newline="") as file:
                csv.writer(file).writerows([(*HEADER, TEXTS[0]), *rows, *wrong[: n + 2]])
    metadata = folder / "metadata.toml"
    metadata.write_text("\n".join(blocks))
    return metadata
