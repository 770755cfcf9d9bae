"""Muster: an incident-response ChatOps bot."""

__version__ = "0.1.0"
