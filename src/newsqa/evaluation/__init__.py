"""Measuring quality and speed; no runtime module imports this package."""
