"""Reads of a register: snapshot, page, history and diff."""
