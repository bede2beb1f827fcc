"""newswarc, an archival crawler for news sites.

    discover  Page -> Links         feeds, sitemaps, listings
    crawl     Link -> Exchange      Scrapy's side: the wire, the ledger, politeness
    archive   Exchange <-> WARC     exact bytes, digests, index
    extract   Page -> Article       one site's layouts, or the generic cascade
    corpus    Article -> JSON Lines
    rebuild   WARC files -> Articles, without a network

A `Page` is only ever made from a `Capture`, so a live crawl and a rebuild cannot differ.
"""

__version__ = "0.1.0"
