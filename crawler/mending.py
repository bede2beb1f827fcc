"""Damage that whole pages have in common, undone before they are parsed: encoded twice, ended early, no characters."""

import codecs
import re

#: What the bytes 0x80 to 0xBF are in windows-1252 and in latin-1: the tail of a sequence read wrong.
_TAILS = "".join(
    bytes([byte]).decode("cp1252", "ignore") + chr(byte) for byte in range(0x80, 0xC0)
)  # both readings occur on one page
_LEADS = sorted({tail.encode()[:-1] for tail in _TAILS})
_TAIL = b"(?:%b)" % b"|".join(
    lead + b"[%b]" % b"".join(re.escape(t.encode()[-1:]) for t in sorted(set(_TAILS)) if t.encode()[:-1] == lead)
    for lead in _LEADS
)
#: Sequences read wrong, in UTF-8, where a fixed first byte is sought several times as fast as a set of characters.
_TWICE = re.compile(b"\xc3(?:[\x82-\x9f]%b|[\xa0-\xaf]%b{2}|[\xb0-\xb4]%b{3})" % ((_TAIL,) * 3))
ENOUGH = 3  # sequences; one or two are a quotation, or chance
HONEST = 0.5  # foreign letters to a sequence that a page encoded twice has besides, from entities and scripts
_NO_LEADS = bytes([*range(0x80), *range(0x80, 0xC0)])  # what is left of UTF-8 without them counts foreign letters
#: A look-ahead keeps a pattern's fixed beginning at one byte, which is sought fastest.
_ENDS = re.compile(rb"<(?=/)/(?:body|html|BODY|HTML)")
_EARLY_END = re.compile(rb"<(?=/)/(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")
#: What no document may hold, though parsers let it through: libraries that change the tree end with an error.
_CONTROLS = (*range(0x09), 0x0B, *range(0x0E, 0x20))
_NO_CHARACTERS = re.compile(b"\xef(?=\xbf)\xbf[\xbe\xbf]")  # U+FFFE and U+FFFF
_REFERENCE = re.compile(
    rb"&(?=#)#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F])"
    rb"|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?"
)


def decoded_once(data: bytes) -> bytes:
    """The UTF-8 as it was before a server took it for latin-1 and encoded it again; any other as it is."""
    if b"\xc3" not in data or len(found := _TWICE.findall(data)) < ENOUGH:
        return data
    rest = len(data.translate(None, _NO_LEADS)) - len(b"".join(found).decode())
    return data if rest > HONEST * len(found) else _TWICE.sub(_decoded, data)


def _decoded(found: re.Match[bytes]) -> bytes:
    data = b"".join(_byte(character) for character in found[0].decode())
    try:
        data.decode()
    except UnicodeDecodeError:
        return found[0]
    return data


def _byte(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else codecs.encode(character, "cp1252")


def unended(data: bytes) -> bytes:
    """The markup without the ends of body and document, which may stand before the text: the parser stops there."""
    first = _ENDS.search(data)
    return data if first is None else data[: first.start()] + _EARLY_END.sub(b"", data[first.start() :])


def without_controls(data: bytes) -> bytes:
    """The markup without characters, and references to them, that no document may hold; form feeds are blanks."""
    data = data.replace(b"\f", b" ")
    if any(map(data.__contains__, _CONTROLS)):  # one byte is sought at a thirtieth of a set's cost
        data = data.translate(None, bytes(_CONTROLS))
    if b"\xef" in data:  # and at a tenth of a pattern's
        data = _NO_CHARACTERS.sub(b"", data)
    return _REFERENCE.sub(b"", data) if b"&" in data else data
