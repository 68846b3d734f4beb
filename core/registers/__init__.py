"""Registers: versioned models with what they contain, declared once and served to everybody."""
