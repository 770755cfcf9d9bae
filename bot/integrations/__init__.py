"""The outside systems, a room each; they do not know one another."""
