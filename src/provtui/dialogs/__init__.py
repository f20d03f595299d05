"""Dialogs: modal screens that give a typed result."""
