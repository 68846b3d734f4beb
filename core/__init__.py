"""The shared package: the versioned model, its engine, the audit log, and what every app uses."""

__version__ = "0.1.0"
