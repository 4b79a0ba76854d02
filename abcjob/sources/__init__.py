"""Records from outside: files opened, cut into records, records into fields of text."""
