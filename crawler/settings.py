"""The wiring: every Scrapy setting this project changes, with its reason; the only reader of the environment.

Names that begin with NEWSWARC_ are this project's own; each can also be set as an environment variable of that name,
or with `-s NAME=VALUE` on the command line.
"""

import os

from crawler import __version__
from crawler.errors import UsageError

YES = {"1", "true", "yes", "on"}
NO = {"", "0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str | None:
    """The variable `name`; an empty one counts as absent."""
    return os.environ.get(name) or default


def number(name: str, default: int) -> int:
    """The variable `name` as an integer; raises `UsageError` for anything else."""
    value = os.environ.get(name) or str(default)
    if not value.strip().isdigit():
        raise UsageError(f"{name}={value}: give a whole number")
    return int(value)


def flag(name: str, *, default: bool) -> bool:
    """The variable `name` as yes or no; raises `UsageError` for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() not in YES | NO:
        raise UsageError(f"{name}={value}: give yes or no")
    return value.strip().lower() in YES


# --- This project's own -----------------------------------------------------------------------------------------------

NEWSWARC_ARCHIVE = text("NEWSWARC_ARCHIVE", "archive")
NEWSWARC_RUN_ID = text("NEWSWARC_RUN_ID")  # none: each run makes its own of the time it starts
NEWSWARC_RESOLVE = (text("NEWSWARC_RESOLVE") or "").split()  # HOST:PORT:ADDRESS[:PORT] as curl's --resolve
NEWSWARC_CA_FILE = text("NEWSWARC_CA_FILE")  # a further authority to trust, as PEM
NEWSWARC_ALLOW_PRIVATE = flag("NEWSWARC_ALLOW_PRIVATE", default=False)  # a link must not reach into the operator's net
NEWSWARC_OPERATOR = text("NEWSWARC_OPERATOR")  # who runs the crawl, for the warcinfo records
NEWSWARC_SECRET_COOKIES = (text("NEWSWARC_SECRET_COOKIES") or "").split()  # names whose values no archive must hold
NEWSWARC_WARC_MAX_BYTES = number("NEWSWARC_WARC_MAX_BYTES", 10**9)  # the size that Common Crawl and others settled on
NEWSWARC_CONDITIONAL = flag("NEWSWARC_CONDITIONAL", default=True)  # ask for a source only if it has changed
NEWSWARC_DEDUPLICATE = flag("NEWSWARC_DEDUPLICATE", default=True)  # a payload that is stored is only referred to
NEWSWARC_CONVERSION = flag("NEWSWARC_CONVERSION", default=False)  # each article's text as a WARC conversion record
NEWSWARC_SPOOL_BYTES = number("NEWSWARC_SPOOL_BYTES", 4 * 2**20)  # larger bodies go to disk
NEWSWARC_MIN_FREE = text("NEWSWARC_MIN_FREE", str(2**30))  # bytes or N%: below, the crawl waits; 16 answers of 64 MiB
NEWSWARC_ARTICLES = text("NEWSWARC_ARTICLES", "jsonl")  # the records' files: jsonl, parquet or both
NEWSWARC_LIMIT = number("NEWSWARC_LIMIT", 0)  # articles a run; 0 is no limit
NEWSWARC_SINCE = text("NEWSWARC_SINCE")  # ISO date: what is known to be older is not fetched
NEWSWARC_REQUISITES = flag("NEWSWARC_REQUISITES", default=False)  # images, style sheets, fonts, scripts of articles
NEWSWARC_REQUISITES_NUMBER = number("NEWSWARC_REQUISITES_NUMBER", 100)  # a page; news pages have some 60 of their own
NEWSWARC_REQUISITES_BYTES = number(
    "NEWSWARC_REQUISITES_BYTES", 25 * 10**6
)  # a page, all together; a heavy one has 10 MB
NEWSWARC_REQUISITES_DAYS = number("NEWSWARC_REQUISITES_DAYS", 30)  # as long one that is stored is not fetched again
NEWSWARC_KEEP_ALIVE = flag("NEWSWARC_KEEP_ALIVE", default=True)
NEWSWARC_MAX_CRAWL_DELAY = number("NEWSWARC_MAX_CRAWL_DELAY", 60)  # seconds; a longer Crawl-delay is cut to this
NEWSWARC_MAX_WAIT = number("NEWSWARC_MAX_WAIT", 300)  # seconds; a host that asks for more rests until the next run
NEWSWARC_BACKOFF = number("NEWSWARC_BACKOFF", 5)  # seconds of the first pause after a 429 or 503 without Retry-After
NEWSWARC_FAILED_PERCENT = number("NEWSWARC_FAILED_PERCENT", 10)  # more failed links than this: exit code 1

# --- The store that finished files are shipped to ---------------------------------------------------------------------

NEWSWARC_STORE = text("NEWSWARC_STORE")  # s3://BUCKET/PREFIX or a folder; none: nothing is shipped
NEWSWARC_STORE_ENDPOINT = text("NEWSWARC_STORE_ENDPOINT")  # none: AWS, or what boto3 finds (AWS_ENDPOINT_URL)
NEWSWARC_STORE_ADDRESSING = text("NEWSWARC_STORE_ADDRESSING", "auto")  # path, virtual, or path for all but AWS
NEWSWARC_STORE_CHECKSUMS = flag("NEWSWARC_STORE_CHECKSUMS", default=True)  # no: for servers that refuse the headers
NEWSWARC_STORE_READ_BACK = flag("NEWSWARC_STORE_READ_BACK", default=False)  # every byte, whatever the store says
NEWSWARC_STORE_ATTEMPTS = number("NEWSWARC_STORE_ATTEMPTS", 5)  # of one request, further and further apart
NEWSWARC_STORE_TIMEOUT = number("NEWSWARC_STORE_TIMEOUT", 60)  # seconds until a request counts as lost
NEWSWARC_STORE_THREADS = number("NEWSWARC_STORE_THREADS", 10)  # small files, or parts of a large one, at a time
NEWSWARC_STORE_PART_BYTES = number("NEWSWARC_STORE_PART_BYTES", 8 * 2**20)  # each thread holds one part in memory
NEWSWARC_STORE_PARAMETERS = (text("NEWSWARC_STORE_PARAMETERS") or "").split()  # StorageClass=STANDARD_IA Tagging=a=b
NEWSWARC_STORE_REST = number("NEWSWARC_STORE_REST", 60)  # seconds that a file which failed rests; doubled each time
NEWSWARC_PRUNE_AFTER = text("NEWSWARC_PRUNE_AFTER")  # days after which shipped files are removed here; none: never

# --- Where things are -------------------------------------------------------------------------------------------------

BOT_NAME = "newswarc"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawler.commands"

# --- Capture ----------------------------------------------------------------------------------------------------------

DOWNLOAD_HANDLERS = {
    "http": "crawler.crawl.wire.handler.WireHandler",
    "https": "crawler.crawl.wire.handler.WireHandler",
    "ftp": None,  # nothing but HTTP is recorded, so nothing else is fetched
    "s3": None,
    "file": None,  # a link must not read this machine's files
    "data": None,
}
EXTENSIONS = {
    "crawler.crawl.capture.Recorder": 0,
    "crawler.crawl.publish.Publisher": 1,
    "crawler.crawl.space.SpaceWatch": 2,
}
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default takes any certificate; an archive must know whom it quotes
DOWNLOAD_MAXSIZE = 64 * 2**20  # an article is 0.2 MB; what is cut here is kept as a truncated capture
DOWNLOAD_WARNSIZE = 0  # the limit above is enough said
DOWNLOAD_TIMEOUT = 90  # some national domains answer slowly
HTTPCACHE_ENABLED = False  # a cached answer crosses no wire and would be captured never, or twice
COOKIES_ENABLED = False  # each page as a first visit sees it; and Scrapy's cookie code fetches a suffix list by itself
METAREFRESH_ENABLED = False  # front pages reload themselves: that is no redirect
HTTPERROR_ALLOW_ALL = True  # the spider settles every status by name; none may be dropped on the way
URLLENGTH_LIMIT = 0  # likewise: Scrapy would drop long URLs in silence; discovery refuses them instead
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the ledger knows what was seen, in all runs, on disk
REDIRECT_MAX_TIMES = 10

# --- Politeness -------------------------------------------------------------------------------------------------------

NEWSWARC_CONTACT = text("NEWSWARC_CONTACT")  # a page or an address where a site can reach the operator
USER_AGENT = f"newswarc/{__version__}" + (f" (+{NEWSWARC_CONTACT})" if NEWSWARC_CONTACT else "")
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "newswarc"  # the product token that RFC 9309 matches; the whole User-Agent would match its URL
DOWNLOAD_DELAY = 1.0  # seconds between requests to one host, where its robots.txt does not ask for more
DOWNLOAD_DELAY_JITTER = 0.25  # enough that several sites' runs do not fall into step
CONCURRENT_REQUESTS = 16  # more gives no more pages a second on one core
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # a slow page must not hold up the host's others; never a crowd
RETRY_TIMES = 2
RETRY_PRIORITY_ADJUST = -1
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # takes an unreachable robots.txt for a yes
    "crawler.crawl.politeness.RobotsMiddleware": 100,  # where Scrapy's stood
    "crawler.crawl.politeness.BackoffMiddleware": 890,  # the last before the wire, and the first to see its answer
}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate, br",  # no zstd: pywb, among others, cannot show what comes in it
}

# --- Cost and danger --------------------------------------------------------------------------------------------------

CONCURRENT_ITEMS = 4  # Scrapy starts this many tasks for each response: 100, its default, costs up to half the CPU
REMOTE_CONTROL_ENABLED = False  # a port on which code can be run
TELNETCONSOLE_ENABLED = False  # likewise
MEMUSAGE_ENABLED = False  # a limit belongs to the service manager, which acts on it
LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 60.0
STATS_DUMP = False  # the run's report says it in words
