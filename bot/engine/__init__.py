"""The promises: one transaction in, one outbox out. The only SQL and the only transactions."""
