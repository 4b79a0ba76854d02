"""What a page becomes on paper: on which sheets its charts and rows stand."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pypdfium2

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Sheets = dict[str, set[int]]

# Words too small to move anything, at the start and the end of what may not be cut: `@3.5<` and
# `@3.5>` for a row, with the number of its table; `@f2<` for a figure; `@h3<` for a table's head.
_MARK = """() => {
  const word = (text) => {
    const element = document.createElement('span');
    element.textContent = text;
    element.style.font = '1px monospace';
    return element;
  };
  document.querySelectorAll('table').forEach((table, t) => {
    table.tHead.rows[table.tHead.rows.length - 1].cells[0].append(word(`@h${t}<`));
    [...table.tBodies[0].rows].forEach((row, r) => {
      row.cells[0].prepend(word(`@${t}.${r}<`));
      for (const cell of row.cells) cell.append(word(`@${t}.${r}>`));
    });
  });
  document.querySelectorAll('figure').forEach((figure, f) => {
    figure.querySelector('figcaption').prepend(word(`@f${f}<`));
    const svg = figure.querySelector('svg');
    const { x, y, width, height } = svg.viewBox.baseVal;
    for (const at of [y + 2, y + height - 1]) {
      const text = document.createElementNS(svg.namespaceURI, 'text');
      text.setAttribute('x', x + width / 2);
      text.setAttribute('y', at);
      text.setAttribute('font-size', '1');
      text.textContent = `@f${f}>`;
      svg.append(text);
    }
  });
}"""


def sheets(page: Page) -> tuple[Sheets, int]:
    """Print on A4: the sheets on which each marked thing stands, from 0; and how many there are."""
    page.evaluate(_MARK)
    document = pypdfium2.PdfDocument(page.pdf(format="A4", prefer_css_page_size=True))
    found: Sheets = defaultdict(set)
    for number, sheet in enumerate(document):
        text = re.sub(r"\s", "", sheet.get_textpage().get_text_range())
        for name in re.findall(r"@([fh]?[\d.]+)[<>]", text):
            found[name].add(number)
    return found, len(document)
