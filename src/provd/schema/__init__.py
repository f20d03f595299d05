"""The wire contract: what the socket API takes and gives, as pydantic models, one module a resource."""
