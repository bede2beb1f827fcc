"""Damage that whole pages have in common, undone before they are parsed: text encoded twice, documents ended early."""

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
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
ENOUGH = 3  # sequences; one or two are a quotation, or chance
HONEST = 0.5  # foreign letters to a sequence that a page encoded twice has besides, from entities and scripts
#: The look-ahead keeps the fixed beginning at one character, which is sought fastest.
_ENDS = re.compile(r"<(?=/)/(?:body|html|BODY|HTML)")
_EARLY_END = re.compile(r"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")


def decoded_once(text: str) -> str:
    """The text as it was before a server took its UTF-8 for latin-1 and encoded it again; any other text as it is."""
    data = b"" if text.isascii() else text.encode("utf-8", "surrogatepass")
    if len(found := _TWICE.findall(data)) < ENOUGH:
        return text
    rest = len(_NOT_ASCII.findall(text)) - len(b"".join(found).decode())
    return text if rest > HONEST * len(found) else _TWICE.sub(_decoded, data).decode("utf-8", "surrogatepass")


def _decoded(found: re.Match[bytes]) -> bytes:
    data = b"".join(_byte(character) for character in found[0].decode())
    try:
        data.decode()
    except UnicodeDecodeError:
        return found[0]
    return data


def _byte(character: str) -> bytes:
    return bytes([ord(character)]) if ord(character) < 0x100 else codecs.encode(character, "cp1252")


def unended(html: str) -> str:
    """The markup without the ends of body and document, which may stand before the text: the parser stops there."""
    first = _ENDS.search(html)
    return html if first is None else html[: first.start()] + _EARLY_END.sub("", html[first.start() :])
