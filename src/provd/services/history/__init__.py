"""The history of measurements: what is kept of each target, and the answers that come of it."""
