"""Shipping, as a run or a command asks for it: the store that the settings name, and what came of it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scrapy.settings import Settings

from crawler.archive.tree import LEDGER_NAME
from crawler.crawl.ledger import Ledger
from crawler.crawl.ledger_schema import explained
from crawler.crawl.lock import RunLock
from crawler.crawl.pruning import prune
from crawler.crawl.report_view import in_units
from crawler.crawl.ship_reports import ship_reports
from crawler.crawl.shipping import Shipping, SiteShipment
from crawler.errors import ArchiveError, LockedError, StoreError, UsageError
from crawler.ship.store import Features, Store, StoreOptions, open_store


@dataclass(frozen=True, slots=True)
class ShipOutcome:
    """What came of shipping some sites' files."""

    store: str
    sites: tuple[SiteShipment, ...]
    #: 0 all is shipped; 3 archive or ledger error; 4 something is left for the next run.
    exit_code: int
    #: One clear line for each site of which something is left.
    errors: tuple[str, ...] = ()
    #: Run reports that were sent.
    reports: int = 0

    @property
    def told(self) -> str:
        """One line for the end of a run."""
        sent, size = (sum(getattr(site, name) for site in self.sites) for name in ("sent", "sent_bytes"))
        ends = f"{sum(site.left for site in self.sites)} left for the next run" if self.errors else "nothing left"
        return f"Shipped to {self.store}: {sent} files, {in_units(size)}; {ends}."


def check_store(settings: Settings) -> None:
    """Refuse settings that no store could be opened with; raises `UsageError`."""
    if settings["NEWSWARC_STORE"]:
        options_of(settings)
        prune_after(settings)


def options_of(settings: Settings) -> StoreOptions:
    """How the store is spoken to; raises `UsageError`."""
    given = [text.partition("=") for text in settings.getlist("NEWSWARC_STORE_PARAMETERS")]
    if wrong := [name for name, equals, _ in given if not equals]:
        raise UsageError(f"NEWSWARC_STORE_PARAMETERS: {wrong[0]} has no value; give NAME=VALUE")
    if (addressing := settings["NEWSWARC_STORE_ADDRESSING"]) not in ("auto", "path", "virtual"):
        raise UsageError(f"NEWSWARC_STORE_ADDRESSING={addressing}: give auto, path or virtual")
    return StoreOptions(
        endpoint=settings["NEWSWARC_STORE_ENDPOINT"],
        addressing=addressing,
        checksums=settings.getbool("NEWSWARC_STORE_CHECKSUMS"),
        read_back=settings.getbool("NEWSWARC_STORE_READ_BACK"),
        attempts=max(1, settings.getint("NEWSWARC_STORE_ATTEMPTS")),
        timeout=settings.getfloat("NEWSWARC_STORE_TIMEOUT"),
        part_bytes=max(1, settings.getint("NEWSWARC_STORE_PART_BYTES")),
        threads=max(1, settings.getint("NEWSWARC_STORE_THREADS")),
        parameters={name: value for name, _, value in given},
    )


def prune_after(settings: Settings) -> timedelta | None:
    """How long shipped files stay here; raises `UsageError`."""
    days = settings["NEWSWARC_PRUNE_AFTER"]
    if days is None:
        return None
    if not str(days).isdecimal() or len(str(days)) > 5:
        raise UsageError(f"prune after {days}: give a whole number of days")
    return timedelta(days=int(days))


def store_of(settings: Settings, ledger: Ledger | None = None) -> Store:
    """The store that the settings name, with what the ledger remembers of it; raises `UsageError`."""
    url, options = settings["NEWSWARC_STORE"], options_of(settings)
    if not url:
        raise UsageError("no store is named: set NEWSWARC_STORE, or give --store (s3://BUCKET/PREFIX or a folder)")
    store = open_store(url, options)
    known = ledger.shipments.features(store.server) if ledger is not None else None
    if known is not None:
        with suppress(ValueError):  # another version's: asked again
            store.recall(Features.from_json(known))
    return store


def ship_sites(archive: Path, sites: Sequence[str], settings: Settings, *, patient: bool) -> ShipOutcome:
    """Ship what these sites have finished; `patient` lets rest what failed shortly before.

    Raises `UsageError`, `ArchiveError`.
    """
    check_store(settings)
    with explained(archive / LEDGER_NAME), Ledger(archive / LEDGER_NAME) as ledger:
        store = store_of(settings, ledger)
        told = tuple(_ship_site(archive, site, store, ledger, settings, patient=patient) for site in sites)
        errors = [_line(store.url, site) for site in told if site.left or site.errors]
        reports = 0
        if not all(site.errors for site in told):  # otherwise there is no store to be had
            try:
                reports = ship_reports(archive, store, ledger)
            except (StoreError, ArchiveError) as error:
                errors.append(f"run reports are left for the next run: {error}")
    return ShipOutcome(store.url, told, StoreError.exit_code if errors else 0, tuple(errors), reports)


def _ship_site(
    archive: Path, site: str, store: Store, ledger: Ledger, settings: Settings, *, patient: bool
) -> SiteShipment:
    rest = timedelta(seconds=settings.getint("NEWSWARC_STORE_REST"))
    shipping = Shipping(archive, site, store, ledger, rest)
    try:
        lock = RunLock(archive, f"{site}.ship")
    except LockedError as error:
        shipping.told.errors.append(str(error))
        shipping.told.left = shipping.left()
        return shipping.told
    try:
        shipping.enlist()
        _remember(store, ledger)
        shipping.ship(settings.getint("NEWSWARC_STORE_THREADS"), now=datetime.now(UTC) if patient else None)
        if (age := prune_after(settings)) is not None:
            _add(shipping.told, prune(archive, site, store, ledger, age))
    except StoreError as error:  # of the store as a whole: no file could be tried
        shipping.told.errors.append(str(error))
        shipping.told.left = shipping.left()
    except OSError as error:
        raise ArchiveError(f"{error.filename or archive}: {error.strerror or error}") from error
    finally:
        lock.release()
    return shipping.told


def _remember(store: Store, ledger: Ledger) -> None:
    """Ask what the store honours, once; raises `StoreError`."""
    features = store.features.to_json()
    if ledger.shipments.features(store.server) != features:
        with ledger.transaction():
            ledger.shipments.remember(store.server, features, datetime.now(UTC))


def _add(told: SiteShipment, pruned: SiteShipment) -> None:
    told.pruned, told.pruned_bytes = pruned.pruned, pruned.pruned_bytes
    told.left += pruned.left
    told.errors += pruned.errors


def _line(store: str, site: SiteShipment) -> str:
    first = site.errors[0] if site.errors else "they failed shortly before, and rest"
    more = f" (and {len(site.errors) - 1} more)" if len(site.errors) > 1 else ""
    return f"{site.site}: {site.left} files are left for the next run, not shipped to {store}: {first}{more}"
