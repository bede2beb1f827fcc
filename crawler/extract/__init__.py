"""Page -> Article.

A site's layout reads the page by its selectors and its words; a page of a site without a layout goes through the
generic cascade. Nothing here knows the clock, the network or another page.
"""

from crawler.extract.article import explain, read_article
from crawler.extract.reading import Reading, Verdict

__all__ = ["Reading", "Verdict", "explain", "read_article"]
