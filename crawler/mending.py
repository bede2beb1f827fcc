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
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
ENOUGH = 3  # sequences; one or two are a quotation, or chance
HONEST = 0.5  # foreign letters to a sequence that a page encoded twice has besides, from entities and scripts
#: The look-ahead keeps the fixed beginning at one character, which is sought fastest.
_ENDS = re.compile(r"<(?=/)/(?:body|html|BODY|HTML)")
_EARLY_END = re.compile(r"</(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])\s*>")
#: What no document may hold, though parsers let it through: libraries that change the tree end with an error.
_CONTROLS = (*map(chr, range(0x09)), "\v", *map(chr, range(0x0E, 0x20)), "\ufffe", "\uffff")
_REFERENCE = re.compile(
    r"&#(?:[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?"
)


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


def without_controls(html: str) -> str:
    """The markup without characters, and references to them, that no document may hold; form feeds are blanks."""
    html = html.replace("\f", " ")
    for control in _CONTROLS:
        if control in html:  # each is sought at a tenth of a set's cost
            html = html.replace(control, "")
    return _REFERENCE.sub("", html)
