"""Reads the seed pages in the order asked for and prints the digest of each record: run as a program of its own."""

import hashlib
import sys

from crawler.rebuild.reading import read_record
from crawler.site import Generic, Site
from tests.captures import capture_of
from tests.demo.seeds import CASES, URLS, seed
from tests.spiders.test_seeds import spider_of


class News(Site):
    name = "news"
    layouts = (Generic,)


def main(order: str) -> None:
    for site, variant in sorted(CASES, reverse=order == "backwards"):
        page = seed(site).page(variant)
        for reader in (spider_of(site), News):
            record = read_record(capture_of(page, URLS[site]), reader).record or ""
            sys.stdout.write(f"{site} {variant} {reader.name} {hashlib.sha256(record.encode()).hexdigest()}\n")


if __name__ == "__main__":
    main(sys.argv[1])
