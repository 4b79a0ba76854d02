"""From rows to pages: formats, tables, charts, templates, and files that are whole or absent."""
