"""The wiring holds: what is named exists, what endangers is off, and the environment is read with care."""

import importlib
from collections.abc import Iterator

import pytest
from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import crawler.settings
from crawler.errors import UsageError


@pytest.fixture
def settings() -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    return settings


@pytest.fixture
def reloaded() -> Iterator[None]:
    yield
    importlib.reload(crawler.settings)


def test_every_component_it_names_is_there(settings: Settings) -> None:
    names = [*settings.getdict("EXTENSIONS"), *settings.getdict("DOWNLOADER_MIDDLEWARES"), settings["DUPEFILTER_CLASS"]]
    names += [name for name in settings.getdict("DOWNLOAD_HANDLERS").values() if name]
    assert all(load_object(name) for name in names)


def test_it_opens_no_port_and_reads_no_file(settings: Settings) -> None:
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def test_it_verifies_certificates_and_obeys_robots(settings: Settings) -> None:
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert not settings.getbool("NEWSWARC_ALLOW_PRIVATE")


@pytest.mark.usefixtures("reloaded")
def test_its_user_agent_is_honest_and_names_the_operators_contact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSWARC_CONTACT", "https://crawl.example/")
    with_contact = importlib.reload(crawler.settings).USER_AGENT
    monkeypatch.delenv("NEWSWARC_CONTACT")
    without = importlib.reload(crawler.settings).USER_AGENT
    assert without == f"newswarc/{crawler.__version__}"
    assert with_contact == f"{without} (+https://crawl.example/)"


@pytest.mark.usefixtures("reloaded")
def test_it_reads_its_own_names_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"ARCHIVE": "/somewhere", "LIMIT": "7", "ALLOW_PRIVATE": "yes", "RESOLVE": "a:1:b c:2:d", "KEEP_ALIVE": "0"}
    for name, value in given.items():
        monkeypatch.setenv(f"NEWSWARC_{name}", value)
    wired = importlib.reload(crawler.settings)
    assert (wired.NEWSWARC_ARCHIVE, wired.NEWSWARC_LIMIT, wired.NEWSWARC_ALLOW_PRIVATE) == ("/somewhere", 7, True)
    assert wired.NEWSWARC_RESOLVE == ["a:1:b", "c:2:d"]
    assert wired.NEWSWARC_KEEP_ALIVE is False


@pytest.mark.parametrize(("name", "value"), [("NEWSWARC_LIMIT", "many"), ("NEWSWARC_ALLOW_PRIVATE", "perhaps")])
@pytest.mark.usefixtures("reloaded")
def test_it_says_what_is_wrong_in_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"{name}={value}"):
        importlib.reload(crawler.settings)
    monkeypatch.delenv(name)
