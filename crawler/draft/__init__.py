"""Pages of a site -> a draft of its file, for people to check.

draft(name, samples)  what the pages have in common: body and title elements, boilerplate, the shape of their addresses
candidates(page)      where the site may tell what it has published
site_file(draft)      the draft as Python
"""

from crawler.draft.addresses import Rule, rule_of
from crawler.draft.common import Draft, Sample, draft
from crawler.draft.sitefile import class_name, site_file
from crawler.draft.sources import candidates, robots_sitemaps, source_of

__all__ = [
    "Draft",
    "Rule",
    "Sample",
    "candidates",
    "class_name",
    "draft",
    "robots_sitemaps",
    "rule_of",
    "site_file",
    "source_of",
]
