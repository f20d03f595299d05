"""How calls went: what counts as what, figures that add up, and the call records of other programs."""
