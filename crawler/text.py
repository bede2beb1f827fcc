"""What a piece of text is by its form alone: a sentence, a statement, a label; and how white space counts."""

import re
from collections.abc import Callable
from functools import cache
from string import ascii_lowercase

LONG = 80  # characters: shorter lines are headlines, names and menu entries as often as sentences
LAST = 12  # characters that tell how a text ends: the full stop, and the quotes and brackets it closes
CLIP = 4000  # characters; the longest paragraphs and legal notices seen have 2,500
SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$|[\"”’»]$")  # noqa: RUF001 - the full-width ends of Chinese sentences
STATEMENT_END = re.compile(r"[.…。][\"'”’»)\]]*$")  # noqa: RUF001 - a closing quote is one of them
LISTED = re.compile(r"^\s|\S(?:\t| {2,})\S|[{};]$")
_DROPPED = dict.fromkeys(map(ord, "\u200b\ufeff\u2060"))
_SMALL_LETTERS = bytes(code if chr(code) in ascii_lowercase else ord(" ") for code in range(256))


def normalised(text: str) -> str:
    """White space runs made one space, invisible characters dropped; nothing else is changed."""
    if text.isprintable() and "  " not in text:  # so no white space but single blanks, and nothing invisible
        return text.strip(" ")
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """The text without characters that have no width and no meaning, white space as it is."""
    if text.isascii() or not ("\u200b" in text or "\ufeff" in text or "\u2060" in text):
        return text
    return text.translate(_DROPPED)


def small_words(text: str) -> list[str]:
    """The runs of small ASCII letters in a text, told sooner than by a pattern."""
    return text.encode().translate(_SMALL_LETTERS).decode().split()


@cache
def searcher(source: str) -> Callable[[str], re.Match[str] | None]:
    """The search for a pattern in a text; for one that is bound to the text's head it is tried there alone."""
    compiled = re.compile(source)
    return compiled.match if is_headed(source) else compiled.search


def is_headed(source: str) -> bool:
    """Whether each alternative of a pattern begins with `^`, by all that can be told from its characters."""
    depth, plain = 0, re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", source.removeprefix("(?i)"))
    branches = [""]
    for character in plain:
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += character
    return "(?m" not in source and all(branch.startswith("^") for branch in branches)


def clipped(text: str) -> str:
    """What patterns look at: all of a text as people write them, head and tail of a longer one, which is an attack."""
    return text if len(text) <= CLIP else f"{text[: CLIP // 2]} … {text[-CLIP // 4 :]}"


def is_sentence(text: str) -> bool:
    """Whether the text ends as sentences do."""
    return SENTENCE_END.search(text[-LAST:]) is not None


def is_statement(text: str) -> bool:
    """Whether it can only be a paragraph: longer than headlines are, with a full stop."""
    return len(text) >= LONG and STATEMENT_END.search(text[-LAST:]) is not None


def is_label(text: str) -> bool:
    """Whether a bold line can be a cross-head: short, begun like one, and no sentence."""
    return len(text) < LONG and not is_sentence(text) and not text[0].islower()


def is_listing(text: str) -> bool:
    """Whether lines kept as they are have columns, steps or code's ends, and no line as long as those of articles."""
    lines = [line.rstrip() for line in text.splitlines()]
    if any(len(line) > 2 * LONG or (len(line) >= LONG and is_sentence(line)) for line in map(str.strip, lines)):
        return False
    return any(LISTED.search(line) for line in lines)
