"""PostgreSQL: the connection, the embedded server, the schemas, the lock and the ledger."""
