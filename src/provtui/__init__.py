"""The terminal home for SIP trunks: a Textual interface on provd's socket."""
