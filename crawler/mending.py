"""Damage that whole pages have in common, undone before they are parsed: text encoded twice, documents ended early."""

import codecs
import re

#: What the bytes 0x80 to 0xBF are in windows-1252 and in latin-1: the tail of a sequence read wrong.
_TAILS = "".join(
    bytes([byte]).decode("cp1252", "ignore") + chr(byte) for byte in range(0x80, 0xC0)
)  # both readings occur on one page
_TWICE = re.compile(
    f"[\u00c2-\u00df][{re.escape(_TAILS)}]|[\u00e0-\u00ef][{re.escape(_TAILS)}]{{2}}|[\u00f0-\u00f4][{re.escape(_TAILS)}]{{3}}"
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
ENOUGH = 3  # sequences; one or two are a quotation, or chance
HONEST = 0.5  # foreign letters to a sequence that a page encoded twice has besides, from entities and scripts
#: A letter from \u00c2 to \u00f4 with no ASCII behind it, in UTF-8: sought first, by its fixed first byte.
_SUSPECT = re.compile(rb"\xc3[\x82-\xb4][\x80-\xff]")
#: Sought as they are, which takes a tenth of the time that a pattern for both cases does.
_ENDS = ("</body", "</html", "</BODY", "</HTML")
_EARLY_END = re.compile(r"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")


def decoded_once(text: str) -> str:
    """The text as it was before a server took its UTF-8 for latin-1 and encoded it again; any other text as it is."""
    data = b"" if text.isascii() else text.encode("utf-8", "surrogatepass")
    if data.count(b"\xc3") < ENOUGH or len(_SUSPECT.findall(data)) < ENOUGH:
        return text
    if len(found := _TWICE.findall(text)) < ENOUGH:
        return text
    rest = len(_NOT_ASCII.findall(text)) - sum(map(len, found))
    return text if rest > HONEST * len(found) else _TWICE.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    data = b"".join(_byte(character) for character in found[0])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _byte(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else codecs.encode(character, "cp1252")


def unended(html: str) -> str:
    """The markup without the ends of body and document, which may stand before the text: the parser stops there."""
    places = (html.find(end) for end in _ENDS)
    first = min((place for place in places if place >= 0), default=len(html))
    return html[:first] + _EARLY_END.sub("", html[first:])
