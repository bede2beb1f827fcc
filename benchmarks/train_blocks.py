"""Train the scorer of lines: `python benchmarks/train_blocks.py FOLDER [--check]`, a FOLDER of pages with gold texts.

Each line of a page is the article's if most of its 4-grams are in the gold text. Two forests are grown: the first sees
what `measures` tells of a line, the second also what the first says of its neighbours, on pages of sites that it had
not seen. `--check` reports how lines of unseen sites are told (five folds, whole sites each), and writes nothing.
It needs lightgbm, which the package itself does not. Same pages, same version of lightgbm: same weights.
"""

import argparse
import gzip
import json
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lightgbm
import numpy as np

from crawler.extract.measures import Measured, measure
from crawler.extract.neighbours import look_again
from crawler.model import Capture
from crawler.page import Page

TARGET = Path(__file__).parent.parent / "crawler" / "extract" / "blocks.json"
CAPTURED_AT = datetime(2026, 11, 22, tzinfo=UTC)
GRAM = 4
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.8,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "extra_trees": True,  # thresholds by chance: of news of unseen sites 62 % of pages were perfect, else 57 %
    "lambda_l2": 5,
    "max_bin": 63,
    "verbose": -1,
    "num_threads": 1,
    "deterministic": True,
    "seed": 1,
}
ROUNDS = (200, 150)
FOLDS = 5
SECOND_LEVEL = ("co", "com", "org", "net", "gov", "ac")


@dataclass(frozen=True)
class Example:
    """A page with its gold: what is measured of its lines, and which of them are the article's."""

    site: str
    measured: Measured
    wanted: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """One row of numbers for each live line."""
        return np.array(self.measured.rows, dtype=np.float32).reshape(len(self.measured.live), -1)

    @property
    def weights(self) -> np.ndarray:
        """What each live line counts: long ones more than short ones, and no page outweighs all others."""
        widths = np.array([self.measured.widths[i] for i in self.measured.live])
        return np.log1p(widths) * len(widths) ** -0.5

    def second_rows(self, likely: np.ndarray) -> np.ndarray:
        """The rows with what the first forest says of the neighbours."""
        spread = np.zeros(len(self.measured.lines))
        spread[list(self.measured.live)] = likely
        return np.hstack(
            [self.rows, np.array(look_again(self.measured, spread.tolist(), self.measured.live), dtype=np.float32)]
        )


def main() -> None:
    """Train on all pages and write the weights, or check what training on four fifths does for the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    examples = [example for example in load(options.folder) if len(example.measured.live)]
    if options.check:
        check(examples)
        return
    first, second = train(examples)
    data = {"rounds": ROUNDS, "pages": len(examples), "first": trees_of(first), "second": trees_of(second)}
    TARGET.write_text(json.dumps(data, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, from {len(examples)} pages")


def load(folder: Path) -> Iterator[Example]:
    """The pages of every data set in the folder that have a gold text."""
    for index in sorted((folder / "data").glob("*.jsonl")):
        for text in index.read_text(encoding="utf-8").splitlines():
            entry = json.loads(text)
            payload = gzip.decompress((folder / entry["html"]).read_bytes())
            page = Page(Capture(url=entry["url"], captured_at=CAPTURED_AT, status=200, headers=(), payload=payload))
            measured = measure(page)
            wanted = np.array(wanted_of(measured, entry["text"]))[list(measured.live)]
            yield Example(site_of(entry["url"]), measured, wanted)


def site_of(url: str) -> str:
    """The part of the host that is a site's own: no two folds share it."""
    labels = (urlsplit(url).hostname or "").split(".")
    return ".".join(labels[-3:] if len(labels) > 2 and labels[-2] in SECOND_LEVEL else labels[-2:])


def wanted_of(measured: Measured, gold: str) -> list[int]:
    """For each line of the page 1 if it is in the gold text, and 0 for all but one of several that say the same."""
    known, paragraphs = grams(words_of(gold)), Counter(tuple(words_of(part)) for part in gold.split("\n"))
    hits = [_is_hit(tuple(words_of(line.text)), known, paragraphs) for line in measured.lines]
    sure = [i for i, line in enumerate(measured.lines) if hits[i] and len(words_of(line.text)) >= 2 * GRAM]
    places: dict[str, list[int]] = {}
    for i, hit in enumerate(hits):
        near = not sure or sure[0] - 12 <= i <= sure[-1] + 12  # a menu has words of the text too
        if hit and near:
            places.setdefault(measured.folded[i], []).append(i)
    alone = [found[0] for found in places.values() if len(found) == 1]
    middle = statistics.median(alone) if alone else 0
    wanted = [0] * len(hits)
    for text, found in places.items():
        count = max(1, sum(n for part, n in paragraphs.items() if "".join(part) == text))
        for i in sorted(found, key=lambda i: (min((abs(i - j) for j in alone), default=0) > 3, abs(i - middle)))[
            :count
        ]:
            wanted[i] = 1
    return wanted


def _is_hit(words: tuple[str, ...], known: Counter[tuple[str, ...]], paragraphs: Counter[tuple[str, ...]]) -> bool:
    if len(words) < GRAM:
        return bool(words) and words in paragraphs
    own = grams(words)
    return sum(min(count, known[gram]) for gram, count in own.items()) >= own.total() / 2


def words_of(text: str) -> list[str]:
    """The words of a text, and of scripts without blanks the characters."""
    spaced = "".join(f" {c} " if "\u0e00" <= c <= "\u9fff" else c for c in text.casefold())
    return "".join(c if c.isalnum() else " " for c in spaced).split()


def grams(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    """The runs of four words, counted; of a shorter text its words."""
    return Counter(tuple(words[i : i + GRAM]) for i in range(max(1, len(words) - GRAM + 1)) if words)


def train(examples: Sequence[Example]) -> tuple[lightgbm.Booster, lightgbm.Booster]:
    """The two forests; the second is grown on what firsts say that had not seen the site."""
    rows = [example.rows for example in examples]
    first = _grown(rows, examples, ROUNDS[0])
    unseen: list[Any] = [None] * len(examples)
    for inside, outside in folds(examples, 4):
        part = _grown([rows[i] for i in inside], [examples[i] for i in inside], ROUNDS[0])
        for i in outside:
            unseen[i] = part.predict(rows[i])
    second_rows = [example.second_rows(likely) for example, likely in zip(examples, unseen, strict=True)]
    return first, _grown(second_rows, examples, ROUNDS[1])


def _grown(rows: Sequence[np.ndarray], examples: Sequence[Example], rounds: int) -> lightgbm.Booster:
    wanted = np.concatenate([example.wanted for example in examples])
    weights = np.concatenate([example.weights for example in examples])
    pages = lightgbm.Dataset(np.concatenate(rows), wanted, weight=weights / weights.mean())
    return lightgbm.train(SETTINGS, pages, rounds)


def folds(examples: Sequence[Example], count: int) -> Iterator[tuple[list[int], list[int]]]:
    """Numbers of examples to train and to check on; the pages of a site stay together."""
    sizes = Counter(example.site for example in examples)
    fold_of = {
        site: number % count for number, (site, _) in enumerate(sorted(sizes.items(), key=lambda s: (-s[1], s[0])))
    }
    for fold in range(count):
        yield (
            [i for i, example in enumerate(examples) if fold_of[example.site] != fold],
            [i for i, example in enumerate(examples) if fold_of[example.site] == fold],
        )


def check(examples: Sequence[Example]) -> None:
    """Print precision and recall, by lines, on sites that the forests had not seen."""
    counts: Counter[str] = Counter()
    for inside, outside in folds(examples, FOLDS):
        first, second = train([examples[i] for i in inside])
        for i in outside:
            told = second.predict(examples[i].second_rows(first.predict(examples[i].rows))) >= 0.5
            counts["right"] += int((told & (examples[i].wanted == 1)).sum())
            counts["told"] += int(told.sum())
            counts["wanted"] += int(examples[i].wanted.sum())
    precision, recall = counts["right"] / counts["told"], counts["right"] / counts["wanted"]
    print(f"lines of unseen sites: precision {precision:.3f}, recall {recall:.3f}, {counts['wanted']} wanted")


def trees_of(forest: lightgbm.Booster) -> list[dict[str, Any]]:
    """The trees as `forest.load_forest` reads them."""
    return [_tree(info["tree_structure"]) for info in forest.dump_model()["tree_info"]]


def _tree(root: dict[str, Any]) -> dict[str, Any]:
    leaves: list[float] = []
    tests: list[tuple[int, float, int]] = []
    _walk(root, leaves, tests)
    whole = (1 << len(leaves)) - 1
    return {"tests": [(feature, threshold, whole & ~lost) for feature, threshold, lost in tests], "leaves": leaves}


def _walk(node: dict[str, Any], leaves: list[float], tests: list[tuple[int, float, int]]) -> int:
    """The bits of the leaves below a node, left to right; a test that fails takes out those on its left."""
    if "leaf_value" in node:
        leaves.append(round(node["leaf_value"], 5))
        return 1 << (len(leaves) - 1)
    left = _walk(node["left_child"], leaves, tests)
    right = _walk(node["right_child"], leaves, tests)
    tests.append((node["split_feature"], float(f"{node['threshold']:.7g}"), left))
    return left | right


if __name__ == "__main__":
    main()
