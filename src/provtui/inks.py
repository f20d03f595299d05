"""The names of the colours text is written in: component classes that the style sheet gives their colour.

A widget's Content names one with a dot before it, as in ``("timeout", ".ink--unhealthy")``.
"""

INKS = frozenset(
    {
        "ink--unhealthy",
        "ink--suspect",
        "ink--unknown",
        "ink--impaired",
        "ink--healthy",
        "ink--maintenance",
        "ink--disabled",
        "ink--name",
        "ink--faint",
        "ink--spark",
        "ink--lost",
        "ink--key",
        "ink--title",
        "ink--step",
        "ink--here",
    }
)
"""All of them; every screen has them as component classes, so that all its widgets can use them."""
