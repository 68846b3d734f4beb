"""How dates look: as in ISO 8601, for there is only one way to read that."""
