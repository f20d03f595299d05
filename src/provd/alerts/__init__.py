"""When an alert is raised and resolved, and what it says. Pure: no clock, store or socket."""
