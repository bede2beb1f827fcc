"""The generic cascade: pages of sites that have no layout."""

from crawler.extract.body import main_blocks
from crawler.extract.headline import find_headline
from crawler.extract.noise import ENDS, NOISE
from crawler.extract.reading import KEPT, SHORT, Reading, Verdict, fold
from crawler.extract.span import matches_any
from crawler.lines import Line
from crawler.model import Block
from crawler.page import Page
from crawler.site import Layout


def read(page: Page, layout: Layout) -> Reading:
    """Judge what trafilatura takes for the article's blocks."""
    headline = fold(find_headline(page, layout, page.lines, 0) or "")
    seen: set[str] = set()
    verdicts = []
    for block in main_blocks(page):
        reason = _reason(block, headline, seen)
        verdicts.append(Verdict(Line(block.text, block.kind, page.tree, 0.0, None, (block.text,)), reason))
        seen.add(fold(block.text))
    return Reading(tuple(verdicts), 0)


def _reason(block: Block, headline: str, seen: set[str]) -> str:
    text = fold(block.text)
    if text == headline:
        return "the headline again"
    if text in seen and len(block.text) >= SHORT:
        return "printed before"
    return "boilerplate wording" if matches_any((*NOISE, *ENDS), block.text) else KEPT
