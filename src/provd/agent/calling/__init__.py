"""Outgoing calls on the network: each with a transport, and a process for its sound, of its own."""
