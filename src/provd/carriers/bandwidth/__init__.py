"""Bandwidth: voice configuration packages on its Universal platform, SIP peers of sites elsewhere."""
