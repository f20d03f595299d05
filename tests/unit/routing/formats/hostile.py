"""Providers and routes with everything in them that could break a file."""

from typing import Any

from hypothesis import strategies as st

from provd.schema.fields import MAX_HEADERS
from provd.schema.provider import ProviderCreate
from provd.schema.route import RouteCreate

NASTY = (
    *(
        "a;b",
        'a"b',
        "a'b",
        "-->",
        "--;",
        ";--",
        "<!--#exec",
        "$${x}",
        "${x}",
        "a\\",
        "\\n",
        "{}",
        "[x]",
        "#x",
    ),
    *(
        "a:b",
        "=1+1",
        "-1",
        "@x",
        "x,y",
        "]]>",
        "<?x",
        "<include>",
        "X-PRE-PROCESS",
        "&lt;",
        "%00",
        "yes",
        "null",
    ),
    *(
        "1e5",
        "provd: {}",
        "provd+ x",
        " lead",
        "trail ",
        "é",
        "😀",
        "\u00a0",
        "\ufeff",
        "~",
        "`id`",
        "*a",
        "&a",
    ),
    *("- x", "a: b", "\u202e", "!t", "|", ">", "2020-01-01", "+1", "0x1", "'=x", "a b", "__import__"),
)
_LINE = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters=["\u2028", "\u2029"]),
    max_size=40,
)
TEXT = st.lists(st.one_of(st.sampled_from(NASTY), _LINE), max_size=6).map("".join)
NAME = TEXT.map(lambda text: text[:255]).filter(lambda text: text.strip())
TOKEN = (
    st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=20)
    .filter(lambda name: len(name) > 2 and not name.lower().startswith("content-"))
    .filter(
        lambda name: (
            name.lower()
            not in {"via", "from", "call-id", "cseq", "contact", "route", "max-forwards", "authorization"}
        )
    )
)
DIAL = st.text("0123456789+*#", max_size=20)
LABEL = st.sampled_from(["sip", "a", "_udp", "x-y", "xn--p1ai", "9a", "b" * 63, "example"])
PORT = st.one_of(st.just(""), st.integers(1, 65535).map(lambda port: f":{port}"))
HOST = st.one_of(
    st.tuples(LABEL, LABEL, st.sampled_from(["net", "x1"])).map(".".join),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
)
HOSTNAME = st.tuples(HOST, PORT).map("".join)
HEADERS = st.dictionaries(TOKEN, TEXT.filter(lambda text: text != "***"), max_size=5).map(
    lambda headers: {name.lower(): value for name, value in headers.items()}
)


@st.composite
def providers(draw: st.DrawFn) -> dict[str, Any]:
    """A provider as the store has it."""
    postfix = draw(st.one_of(DIAL, st.tuples(DIAL, HOSTNAME).map("@".join)))
    made = ProviderCreate.model_validate(
        {
            "name": draw(NAME),
            "hostname": draw(HOSTNAME),
            "detail": draw(TEXT),
            "tech_prefix": draw(DIAL),
            "tech_postfix": postfix,
            "tech_headers": draw(HEADERS),
            "carrier": draw(TEXT)[:64],
            "codecs": ",".join(draw(st.lists(st.sampled_from(["PCMU", "opus", "x'~!", "G729"]), max_size=3))),
            "transport": draw(st.sampled_from(["udp", "tcp", "tls"])),
            "enabled": draw(st.booleans()),
            "tags": draw(st.lists(TEXT.map(lambda text: text[:64]).filter(bool), max_size=3, unique=True)),
            "probe": draw(st.sampled_from([{}, {"interval_s": 1.5, "codes": "200", "tls_verify": False}])),
        }
    )
    return {"id": str(draw(st.uuids())), **made.model_dump(mode="json")}


@st.composite
def files(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Providers with routes that lead to them."""
    made = draw(st.lists(providers(), max_size=4, unique_by=lambda each: each["id"]))
    routes = []
    for provider in made:
        for _ in range(draw(st.integers(0, 2))):
            route = RouteCreate.model_validate(
                {
                    "name": draw(NAME),
                    "provider_id": provider["id"],
                    "target": draw(st.sampled_from(["all", "+1", "+4420"])),
                    "priority": draw(st.integers(0, 65535)),
                    "weight": draw(st.integers(1, 65535)),
                    "enabled": draw(st.booleans()),
                    "detail": draw(TEXT),
                    "customer_id": str(draw(st.uuids())),
                }
            )
            routes.append({"id": str(draw(st.uuids())), **route.model_dump(mode="json")})
    return made, routes


def longest() -> dict[str, Any]:
    """The longest provider that there may be, of characters that take the most room."""
    wide = "\U0001f600"
    made = ProviderCreate.model_validate(
        {
            "name": wide * 255,
            "hostname": ".".join(["a" * 63] * 3) + ":65535",
            "detail": wide * 4096,
            "tech_prefix": "1" * 255,
            "tech_headers": {f"X-{number}": wide * 1024 for number in range(MAX_HEADERS)},
            "tags": [f"{number:02}{wide * 62}" for number in range(32)],
        }
    )
    return {"id": "11111111-2222-4333-8444-555555555555", **made.model_dump(mode="json")}
