"""What goes wrong on a person's own machine."""


class LocalError(Exception):
    """One sentence that says what is wrong and what helps; shown without a traceback."""
