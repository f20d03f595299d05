"""The use cases: every rule that is not SIP, SQL or HTTP."""
