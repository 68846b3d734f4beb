"""Typed details: values of kinds that a register declares at run time."""
