"""How well pages of unseen sites are read: `python benchmarks/unseen.py FOLDER`, what `train_blocks.py` takes.

The FOLDER's sites are dealt into five parts. Each part's pages are read by the whole cascade, with weights that were
trained on the other four; trafilatura reads the same pages. What `bench_extract.py` prints is printed. It needs
lightgbm, as training does.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from bench_extract import READERS, compare, load, ours
from train_blocks import FOLDS, Example, folds, train, trees_of
from train_blocks import load as load_examples

from crawler.extract import scoring
from crawler.extract.forest import load_forest


def unseen_texts(folder: Path, examples: Sequence[Example]) -> list[str]:
    """Of each page the text, as it is read without having seen its site."""
    golds, texts = list(load(folder)), [""] * len(examples)
    for inside, outside in folds(examples, FOLDS):
        first, second = train([examples[i] for i in inside if len(examples[i].measured.live)])
        forests = scoring.Forests(load_forest(trees_of(first)), load_forest(trees_of(second)))
        with patch.object(scoring, "trained_forests", lambda forests=forests: forests):
            for i in outside:
                texts[i] = ours(golds[i].capture)
    return texts


def main() -> None:
    folder = Path(sys.argv[1])
    golds = list(load(folder))
    texts = {name: [read(gold.capture) for gold in golds] for name, read in READERS.items() if name != "newswarc"}
    compare(golds, {"newswarc": unseen_texts(folder, list(load_examples(folder))), **texts})


if __name__ == "__main__":
    main()
