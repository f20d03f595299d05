"""The themes: dark, light, and ansi for terminals that bring their own sixteen colours."""

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="provtui-dark",
    primary="#7aa2d6",
    secondary="#8b9bb4",
    accent="#c3a6e0",
    foreground="#cdd3dc",
    background="#12151a",
    surface="#191d24",
    panel="#20252d",
    success="#7fae7c",
    warning="#e0b050",
    error="#f0706a",
    dark=True,
    variables={
        "input-cursor-background": "#cdd3dc",
        "input-cursor-foreground": "#12151a",
        "input-cursor-text-style": "none",
    },
)

LIGHT = Theme(
    name="provtui-light",
    primary="#22588f",
    secondary="#5a6675",
    accent="#6b4796",
    foreground="#262a30",
    background="#f7f6f2",
    surface="#eeece6",
    panel="#e4e2da",
    success="#37703a",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={
        "input-cursor-background": "#262a30",
        "input-cursor-foreground": "#f7f6f2",
        "input-cursor-text-style": "none",
    },
)

ANSI = replace(BUILTIN_THEMES["ansi-dark"], name="provtui-ansi", accent="ansi_magenta")

THEMES = (DARK, LIGHT, ANSI)
"""In the order in which the theme key goes through them."""

_PREFIX = "provtui-"
SHORT_NAMES = {theme.name.removeprefix(_PREFIX): theme.name for theme in THEMES}
"""Whole names by what is typed."""


def theme_called(name: str) -> str | None:
    """Give the whole name of the theme that is called ``name``, for short too; None: there is none."""
    return SHORT_NAMES.get(name.removeprefix(_PREFIX))


def fitting_theme(color_system: str | None) -> str:
    """Choose a theme for a terminal by what Rich found it can do: few colours means the terminal's own."""
    return DARK.name if color_system in ("256", "truecolor") else ANSI.name
