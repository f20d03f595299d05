"""Alerts: rules, channels, what is raised, and the messages about it."""
