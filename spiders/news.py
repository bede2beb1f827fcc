"""Any news site, by URL, feed or sitemap from the command line: read by the generic cascade."""

from crawler.site import Generic, Site


class AnyNewsSpider(Site):
    """Knows no site: every page that reads as an article is one."""

    name = "news"
    layouts = (Generic,)
