"""Exports of a register: a snapshot at both clocks, as a file."""
