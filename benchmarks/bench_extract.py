"""The generic cascade beside trafilatura: pages a second, and with a FOLDER of pages with gold texts, quality.

    .venv/bin/python benchmarks/bench_extract.py [FOLDER]

Speed is measured on the replicas' pages, filled up as `bench_layouts.py` fills them, and on the FOLDER's: CPU seconds
of this process, both readers in turns on each page. Quality counts words in runs of four: F1 of the mean precision and
the mean recall, the share of pages with both at 0.98 or more, leaked paragraphs a page, the share of the gold's
paragraphs that is lost, the share of pages with a paragraph twice; and the bootstrap interval of the difference in F1
to trafilatura, page by page. FOLDER is what `train_blocks.py` reads; pages that the scorer was trained on
flatter it: `unseen.py` reads each by weights that had not seen its site.
"""

import gzip
import json
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench_layouts import captures, filled
from trafilatura import bare_extraction

from crawler.demo.replica import serve_all
from crawler.errors import PageSkippedError
from crawler.extract import read_article
from crawler.model import Capture
from crawler.page import Page
from crawler.settings import text
from crawler.site import Generic, Site

CAPTURED_AT = datetime(2026, 11, 22, tzinfo=UTC)
GRAM = 4
PERFECT = 0.98
DRAWS = 1000
Read = Callable[[Capture], str]


class Anything(Site):
    """A site that nothing is known of."""

    name = "anything"
    layouts = (Generic,)


@dataclass(frozen=True)
class Gold:
    """A page, and the text that people found on it."""

    dataset: str
    language: str
    capture: Capture
    text: str


@dataclass(frozen=True)
class Score:
    """How one reading of one page compares with the gold."""

    precision: float
    recall: float
    leaked: int
    lost: int
    wanted: int
    twice: bool

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / ((self.precision + self.recall) or 1)


def ours(capture: Capture) -> str:
    try:
        return read_article(Page(capture), Anything).text
    except PageSkippedError:
        return ""


def theirs(*, metadata: bool, precise: bool = False) -> Read:
    def read(capture: Capture) -> str:
        found = bare_extraction(
            capture.payload,
            url=capture.url,
            include_comments=False,
            with_metadata=metadata,
            favor_precision=precise,
        )
        return (found.text or "") if found is not None and not isinstance(found, dict) else ""

    return read


READERS: dict[str, Read] = {
    "newswarc": ours,
    "trafilatura": theirs(metadata=True),
    "trafilatura, precise": theirs(metadata=False, precise=True),
}


def words(text: str) -> list[str]:
    """The words of a text, and of scripts without blanks the characters."""
    spaced = "".join(f" {c} " if "\u0e00" <= c <= "\u9fff" else c for c in text.casefold())
    return "".join(c if c.isalnum() else " " for c in spaced).split()


def grams(text: str) -> Counter[tuple[str, ...]]:
    found = words(text)
    return Counter(tuple(found[i : i + GRAM]) for i in range(max(1, len(found) - GRAM + 1)) if found)


def score(gold: str, read: str) -> Score:
    wanted, found = grams(gold), grams(read)
    common = (wanted & found).total()
    paragraphs = [tuple(words(part)) for part in read.split("\n")]
    twice = Counter(part for part in paragraphs if len(part) >= 2 * GRAM)
    allowed = Counter(tuple(words(part)) for part in gold.split("\n"))
    missing = [_share(part, found) < 0.5 for part in gold.split("\n") if len(words(part)) >= 2 * GRAM]
    return Score(
        precision=common / found.total() if found else 0.0,
        recall=common / wanted.total() if wanted else 0.0,
        leaked=sum(_share(part, wanted) < 0.5 for part in read.split("\n") if len(words(part)) >= GRAM),
        lost=sum(missing),
        wanted=len(missing),
        twice=any(count > max(1, allowed[part]) for part, count in twice.items()),
    )


def _share(part: str, known: Counter[tuple[str, ...]]) -> float:
    own = grams(part)
    return sum(count for gram, count in own.items() if gram in known) / (own.total() or 1)


def load(folder: Path) -> Iterator[Gold]:
    for index in sorted((folder / "data").glob("*.jsonl")):
        for line in index.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            payload = gzip.decompress((folder / entry["html"]).read_bytes())
            capture = Capture(entry["url"], CAPTURED_AT, 200, (), payload)
            yield Gold(index.stem, entry["lang"], capture, entry["text"])


def timed(pages: Sequence[Capture], names: Iterable[str]) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Of each reader the CPU seconds and the texts; the readers take turns on every page, in an order by chance."""
    seconds: dict[str, float] = defaultdict(float)
    texts: dict[str, list[str]] = defaultdict(list)
    order, chance = list(names), random.Random(1)
    for name in order:
        READERS[name](pages[0])  # to warm up
    for page in pages:
        chance.shuffle(order)
        for name in order:
            began = time.process_time()
            texts[name].append(READERS[name](page))
            seconds[name] += time.process_time() - began
    return seconds, texts


def report(title: str, scores: dict[str, list[Score]]) -> None:
    for name, found in scores.items():
        precision, recall = (statistics.mean(getattr(s, key) for s in found) for key in ("precision", "recall"))
        print(
            f"{title:22} {name:21} n {len(found):3}  F1 {2 * precision * recall / (precision + recall):.3f}"
            f"  perfect {statistics.mean(min(s.precision, s.recall) >= PERFECT for s in found):.2f}"
            f"  leaked {statistics.mean(s.leaked for s in found):5.2f}"
            f"  lost {sum(s.lost for s in found) / sum(s.wanted for s in found):.3f}"
            f"  twice {statistics.mean(s.twice for s in found):.3f}"
        )


def interval(mine: Sequence[Score], other: Sequence[Score]) -> tuple[float, float]:
    """The middle 95 % of the mean difference in F1, pages drawn with replacement."""
    chance = random.Random(1)
    gains = [one.f1 - two.f1 for one, two in zip(mine, other, strict=True)]
    means = sorted(statistics.fmean(chance.choices(gains, k=len(gains))) for _ in range(DRAWS))
    return means[DRAWS // 40], means[-DRAWS // 40]


def quality(folder: Path) -> None:
    golds = list(load(folder))
    seconds, texts = timed([gold.capture for gold in golds], READERS)
    compare(golds, texts)
    print(f"{len(golds)} pages: {seconds['trafilatura'] / seconds['newswarc']:.1f} times as fast as trafilatura")


def compare(golds: Sequence[Gold], texts: dict[str, list[str]]) -> None:
    """Print how the readers' texts compare with the gold: by data set, and by language."""
    scores = {name: [score(g.text, t) for g, t in zip(golds, found, strict=True)] for name, found in texts.items()}
    groups = [(gold.dataset, f"{gold.dataset} {gold.language}") for gold in golds]
    for group in dict.fromkeys(key for pair in groups for key in pair):
        chosen = [i for i, pair in enumerate(groups) if group in pair]
        names = READERS if group in {gold.dataset for gold in golds} else ("newswarc", "trafilatura")
        report(group, {name: [scores[name][i] for i in chosen] for name in names})
        for name in list(READERS)[1:] if names is READERS else ():
            low, high = interval([scores["newswarc"][i] for i in chosen], [scores[name][i] for i in chosen])
            print(f"{group:22} F1 above {name}: {low:+.3f} to {high:+.3f}")


def main() -> None:
    pages = [filled(c) for name, found in serve_all(None, {}).items() for c in captures(name, found)][:120]
    seconds, _ = timed(pages, ("newswarc", "trafilatura"))
    print(
        f"{len(pages)} replica pages: {seconds['trafilatura'] / seconds['newswarc']:.1f} times as fast as trafilatura"
    )
    named = sys.argv[1] if len(sys.argv) > 1 else text("NEWSWARC_BENCH_PAGES")
    if named is None:
        print("no folder of pages with gold texts is named: quality is not measured")
    else:
        quality(Path(named))


if __name__ == "__main__":
    main()
