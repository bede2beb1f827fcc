"""The generic cascade: pages of sites that have no layout, read line by line, each line kept or dropped whole.

Our own scorer reads the page; what linked data declares is one of the things it goes by. On the twentieth of all pages
where it is not sure of much that it finds, trafilatura is asked too, which costs more than all the rest, and each line
is weighed again by whether it has it. Where nothing much is found, the body in linked data, trafilatura's, or the
markup that the page's scripts would print stands in.
"""

from collections.abc import Sequence

from crawler.extract import metadata
from crawler.extract.body import is_small, main_blocks
from crawler.extract.copies import Copies, is_unlike_others
from crawler.extract.headline import find_headline
from crawler.extract.measures import LONGEST, Measured, is_endless, measure
from crawler.extract.noise import NOISE
from crawler.extract.reading import KEPT, Reading, Verdict, fold, verdict_of
from crawler.extract.reasons import reason_of
from crawler.extract.scoring import likelihoods
from crawler.extract.scripted import scripted_page
from crawler.extract.span import finder, is_prose
from crawler.lines import Line
from crawler.model import Block
from crawler.page import Page
from crawler.site import Layout
from crawler.text import normalised

LIKELY = 0.5  # from here on a line is kept; more leaks fewer lines of others, and loses more of the text
#: Probable errors, as a share of the text found, from which on trafilatura is asked: there the text's F1 rose from 0.75
#: to 0.77 on pages of unseen sites; all pages are read as well by any threshold from 0.2 to 0.4.
DOUBTFUL = 0.25
OPINION = 0.3  # what trafilatura's having a line, or not, adds to the line's likelihood or takes from it
SURE = 20  # letters; a shorter line may stand in another of trafilatura's by chance
MOST = 400.0  # characters that one line counts
MOST_LINES = 4000  # the longest real page seen has 1,100; one with more is told by prose alone, in a tenth of the time
LITTLE = 300  # characters; less is a teaser more often than an article
MUCH = 0.25  # likelihood by which one copy of a line can be the better one: the heading, not the list of contents
OUTSIDE = "outside the article"
_is_noise = finder(NOISE)


def read(page: Page, layout: Layout) -> Reading:
    """Judge every line of the page; where other readers find the text better, their blocks take the lines' place."""
    headline = fold(find_headline(page, layout, page.lines, 0) or "")
    if len(page.lines) > MOST_LINES:
        return _by_prose(page.lines, headline)
    measured = measure(page)
    likely = likelihoods(measured)
    if is_small(page) and _doubt(measured, likely) > DOUBTFUL:
        likely = _second_opinion(measured, likely, main_blocks(page))
    reading = _judged(measured, likely, headline)
    if _length(reading.blocks) < LITTLE:
        others = _others(page, headline)
        whole = (other for other in others if _length(other.blocks) >= LITTLE)
        return next(whole, max((reading, *others), key=lambda other: _length(other.blocks)))
    return reading


def _doubt(measured: Measured, likely: Sequence[float]) -> float:
    """How much of the text is probably told wrongly, as a share of the text found."""
    scored = [(min(MOST, width), score) for width, score in zip(measured.widths, likely, strict=True) if score]
    wrong = sum(width * min(score, 1.0 - score) for width, score in scored)
    found = sum(width * score for width, score in scored)
    return wrong / found if found else 1.0


def _second_opinion(measured: Measured, likely: Sequence[float], blocks: Sequence[Block]) -> list[float]:
    """The likelihoods, weighed by whether trafilatura takes the line for the article's too."""
    texts = [fold(block.text) for block in blocks]
    known, whole = frozenset(texts), "".join(texts)
    found = [text in known or (len(text) > SURE and text in whole) for text in measured.folded]
    return [
        score + (OPINION if also else -OPINION) if score else 0.0 for score, also in zip(likely, found, strict=True)
    ]


def _judged(measured: Measured, likely: Sequence[float], headline: str) -> Reading:
    likely_ones, best = [at for at, score in enumerate(likely) if score >= LIKELY], dict[str, float]()
    for at in likely_ones:
        if is_unlike_others(measured.lines[at].text):
            text = measured.folded[at]
            best[text] = max(likely[at], best.get(text, 0.0))
    kept = [at for at in likely_ones if likely[at] >= best.get(measured.folded[at], 0.0) - MUCH]
    first, last = (kept[0], kept[-1]) if kept else (0, -1)
    chosen, copies = frozenset(kept), Copies(measured.folded[at] for at in kept)
    lines, reasons = measured.lines, [OUTSIDE] * len(measured.lines)
    for at in range(first, last + 1):
        if likely[at] < LIKELY:
            reasons[at] = reason_of(measured, at)
    for at in likely_ones:
        again = at not in chosen
        reasons[at] = "printed again" if again else _repeated(lines[at], measured.folded[at], headline, copies)
    return Reading(tuple(map(verdict_of, zip(lines, reasons, strict=True))), first)


def _by_prose(lines: Sequence[Line], headline: str) -> Reading:
    """A page too long for the scorer: what reads as prose and is not in a zone of the page's own."""
    copies, verdicts = Copies(()), []
    for line in lines:
        prose = line.zone is None and is_prose(line)
        reason = _repeated(line, fold(line.text), headline, copies) if prose else OUTSIDE
        verdicts.append(Verdict(line, reason))
    return Reading(tuple(verdicts), next((at for at, verdict in enumerate(verdicts) if verdict.kept), 0))


def _repeated(line: Line, folded: str, headline: str, copies: Copies) -> str:
    """Why a line that is likely the article's is dropped all the same, or that it is kept."""
    if folded == headline:
        return "the headline again"
    if len(line.text) > LONGEST and is_endless(line.text):
        return "no sentence ends in it"
    if copies.is_copy(line.text, folded, line.kind):
        return "printed before"
    return "boilerplate wording" if _is_noise(line.text) else KEPT


def _others(page: Page, headline: str) -> list[Reading]:
    """What the other readers take for the text, without what they repeat."""
    small = is_small(page)
    found = [_as_reading(page, blocks, headline) for blocks in (_declared(page), main_blocks(page) if small else ())]
    inner = scripted_page(page) if small and metadata.access(page) == "free" else None
    if inner is None:
        return found
    if len(inner.lines) > MOST_LINES:
        return [*found, _by_prose(inner.lines, headline)]
    measured = measure(inner)
    return [*found, _judged(measured, likelihoods(measured), headline)]


def _declared(page: Page) -> list[Block]:
    """The body that linked data has, a line a block."""
    bodies = [body for entry in page.linked_data if isinstance(body := entry.get("articleBody"), str)]
    lines = (normalised(line) for line in max(bodies, key=len, default="").splitlines())
    return [Block("paragraph", line) for line in lines if line]


def _as_reading(page: Page, blocks: Sequence[Block], headline: str) -> Reading:
    copies, verdicts = Copies(fold(block.text) for block in blocks), []
    for block in blocks:
        line = Line(block.text, block.kind, page.tree, 0.0, None, (block.text,))
        verdicts.append(Verdict(line, _repeated(line, fold(block.text), headline, copies)))
    return Reading(tuple(verdicts), 0)


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)
