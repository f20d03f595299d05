"""Widgets: parts of screens that draw themselves."""
