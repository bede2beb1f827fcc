"""A site that nothing is known of, and an article for its pages."""

from crawler.site import Generic, Site

URL = "https://example.com/news/port"
TEXT = (
    "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate.",
    "Work begins in the spring, the mayor said, and will take two years if the storms of autumn allow it.",
    "“We have waited for this for twenty years,” she told reporters outside the town hall on Monday night.",
    "Fishermen said their nets would suffer; merchants said their ships would otherwise not come at all.",
)


class Anything(Site):
    name = "anything"
    layouts = (Generic,)
