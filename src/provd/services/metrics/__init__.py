"""Metrics for Prometheus: read from what there is when somebody asks."""
