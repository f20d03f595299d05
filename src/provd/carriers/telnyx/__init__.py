"""Telnyx: outbound voice profiles, connections and addresses by its API v2."""
