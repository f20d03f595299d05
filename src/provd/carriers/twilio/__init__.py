"""Twilio: Elastic SIP Trunking by its APIs 2010-04-01 and Trunking v1."""
