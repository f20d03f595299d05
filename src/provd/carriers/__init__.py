"""Carriers' provisioning APIs: what is made there for a trunk, and how it is undone."""
