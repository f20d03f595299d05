"""Simulated carriers' provisioning APIs: they remember what was made, and refuse what a carrier refuses."""
