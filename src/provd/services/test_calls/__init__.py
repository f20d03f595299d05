"""Test calls: who may be called, how often, with which login, and what came of it."""
