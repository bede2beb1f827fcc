"""Saved pages of sites: one page a WARC file, beside it the record that its site's layouts must give of it.

PAGES/SITE/NAME.warc.gz   the page, as captured
PAGES/SITE/NAME.json      the fields expected, or `{"skipped": REASON}` of a page that is no article
"""

from crawler.pages.expected import FIELDS, Difference, differences
from crawler.pages.saved import SavedPage, accept, check, expected_of, page_of, record_of, saved_pages, unproven
from crawler.pages.writing import save_capture, save_html

__all__ = [
    "FIELDS",
    "Difference",
    "SavedPage",
    "accept",
    "check",
    "differences",
    "expected_of",
    "page_of",
    "record_of",
    "save_capture",
    "save_html",
    "saved_pages",
    "unproven",
]
