"""The local PostgreSQL of a checkout, and ``make up``."""
