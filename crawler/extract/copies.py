"""What a page prints more than once: a line again, a sentence pulled out as a quote, all of the text in one piece."""

from collections.abc import Iterable

from crawler.extract.reading import fold
from crawler.model import BlockKind

SHORT = 30  # characters; shorter lines recur in honest text
WORDS = 7  # as many blanks are in no label that an honest text repeats
PIECE = 40  # letters; a shorter piece stands in another line by chance
WHOLE = 1000  # letters; a line that long may be the text again, without its paragraphs
MOST = 300_000  # letters of a text that is searched for its pieces; ten times a long article's
MOST_PIECES = 400


def is_unlike_others(text: str) -> bool:
    """Whether a line is long enough that no other one of an honest text says the same."""
    return len(text) >= SHORT or text.count(" ") >= WORDS


class Copies:
    """Tells, line by line in order, which lines of a text say nothing new; `folded` are all lines of the text."""

    def __init__(self, folded: Iterable[str]) -> None:
        lines = sorted({line for line in folded if len(line) < WHOLE}, key=len, reverse=True)
        text = "\n".join(lines)
        self._text = text if len(text) <= MOST else ""
        #: By the length of a line, where in the text those end that are longer.
        self._longer: dict[int, int] = {}
        end = 0
        for line in lines:
            self._longer.setdefault(len(line), end)
            end += len(line) + 1
        self._seen: set[str] = set()
        self._pieces: list[str] = []
        self._rows: set[str] = set()

    def is_copy(self, text: str, folded: str, kind: BlockKind) -> bool:
        """Whether the text is there without this line; if not, the line is remembered."""
        rows = [fold(row) for row in text.split("\n")] if kind == "table" else []
        again = folded in self._seen and is_unlike_others(text)
        if again or self._is_pulled(folded) or self._is_whole(folded) or self._are_known(rows):
            return True
        self._seen.add(folded)
        self._rows.update(rows)
        if PIECE <= len(folded) < WHOLE and len(self._pieces) < MOST_PIECES:
            self._pieces.append(folded)
        return False

    def _is_pulled(self, folded: str) -> bool:
        """Whether it is a part of another line."""
        return len(folded) >= PIECE and self._text.find(folded, 0, self._longer.get(len(folded), 0)) >= 0

    def _is_whole(self, folded: str) -> bool:
        """Whether half of a long line, or more, is what lines before it say."""
        if not WHOLE <= len(folded) <= MOST:
            return False
        return 2 * sum(len(piece) for piece in self._pieces if piece in folded) >= len(folded)

    def _are_known(self, rows: list[str]) -> bool:
        """Whether a table has hardly a row, of those that say much, that another one has not."""
        long = [row for row in rows if len(row) >= SHORT]
        known = sum(row in self._rows for row in long)
        return known > 1 and 5 * known >= 4 * len(long)
