"""What the API tells its callers to do, as what somebody with provctl does."""

import re

_WORDS = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\?cascade=true", "--cascade"),
        (
            r"DELETE /v1\.0/providers/([^\s?]+)\?deprovision=true",
            r"provctl providers delete \1 --deprovision",
        ),
        (r"GET /v1\.0/providers/([^\s/]+)/test-calls lists", r"provctl test-calls \1 lists"),
        (r"GET /v1\.0/(\w+)s/([^\s/]+)/revisions lists", r"provctl \1s revisions \2 lists"),
        (r"GET /v1\.0/providers lists", "provctl providers list has"),
        (r"GET /v1\.0/setups lists", "provctl setup list has"),
        (r"GET /v1\.0/setups/([\w-]+)", r"provctl setup show \1"),
        (r"GET /v1\.0/alerts/(rules|channels) lists", r"provctl alerts \1 lists"),
        (r"GET /v1\.0/audit lists", "provctl audit list has"),
        (r"POST /v1\.0/providers/setup", "provctl setup new"),
        (r"POST /v1\.0/setups/([\w-]+)/rollback", r"provctl setup rollback \1"),
        (r"POST /v1\.0/routes", "provctl routes add"),
        (
            r"the rule (\S+) is built in: PUT one of the same name with enabled = false in its place",
            r"the rule \1 is built in: provctl alerts rule set \1 --off has it do nothing",
        ),
        (r"put them into settings\.gateways", "give them with --set gateways=..."),
        (r"\bset settings\.(\w+) to (\w+)", r"give --set \1=\2"),
        (r"\bsettings\.(\w+)", r"--set \1"),
        (r"\bno one_of\b", "no --is"),
        (r"\bneeds one_of\b", "needs --is"),
        (r"\bleave one_of out\b", "leave --is out"),
        (r"\bgive either above or below\b", "give either --above or --below"),
        (r"\bleave above and below out\b", "leave --above and --below out"),
    )
]


def in_commands(message: str) -> str:
    """A message of the API, with provctl's commands and options for its calls and fields."""
    for pattern, words in _WORDS:
        message = pattern.sub(words, message)
    return message
