"""Dates, by-lines, headlines, languages and pictures as pages really state them."""

# ruff: noqa: RUF001 - the pages' own letters

import pytest

from crawler.extract import metadata
from crawler.extract.bylines import agency_of, split_byline
from crawler.extract.dates import from_epoch_ms, parse_iso, parse_printed
from crawler.extract.headline import find_headline
from crawler.extract.language import language_of
from crawler.extract.pictures import credit_of
from crawler.extract.reading import fold
from crawler.site import Layout
from tests.captures import page_of


@pytest.mark.parametrize(
    ("raw", "at", "precision"),
    [
        ("2024-02-08", "2024-02-08", "day"),
        ("2024-02-08T10:43:03Z", "2024-02-08T10:43:03+00:00", "second"),
        ("2024-02-08T10:43:03.431Z", "2024-02-08T10:43:03+00:00", "second"),
        ("2024-02-08T10:43:03+0200", "2024-02-08T10:43:03+02:00", "second"),
        ("2024-02-08T10:43:03+02", "2024-02-08T10:43:03+02:00", "second"),
        ("2024-02-08 10:43:03 -05:30", "2024-02-08T10:43:03-05:30", "second"),
        ("2024-02-08T10:43+08:00", "2024-02-08T10:43:00+08:00", "minute"),
        ("2024-02-08 10:43 UTC", "2024-02-08T10:43:00+00:00", "minute"),
        (" 2024-02-08T10:43:03 ", "2024-02-08T10:43:03", "second"),
        ("20240208", "2024-02-08", "day"),
        ("20240208T104303Z", "2024-02-08T10:43:03+00:00", "second"),
    ],
)
def test_iso_times_keep_their_precision_and_zone(raw: str, at: str, precision: str) -> None:
    stamp = parse_iso(raw)
    assert stamp is not None
    assert (stamp.at, stamp.precision, stamp.raw) == (at, precision, raw)


@pytest.mark.parametrize(
    "raw",
    [None, "", "yesterday", "2024-13-01", "2024-02-30T10:00:00Z", "2024-02-08T25:00:00Z", "1707417360000", "x" * 9999],
)
def test_what_is_no_time_is_none(raw: str | None) -> None:
    assert parse_iso(raw) is None


@pytest.mark.parametrize(
    ("raw", "form", "zone", "at", "precision"),
    [
        ("Feb 8, 2024", "%B %d, %Y", None, "2024-02-08", "day"),
        ("June 1, 2023", "%B %d, %Y", None, "2023-06-01", "day"),
        ("Sept. 09, 2010", "%B %d, %Y", None, "2010-09-09", "day"),
        ("11th February 2024", "%d %B %Y", None, "2024-02-11", "day"),
        ("2024/02/08 at 10:43 AM", "%Y/%m/%d at %I:%M %p", None, "2024-02-08T10:43:00", "minute"),
        ("21 May 2025 - 14:19", "%d %B %Y - %H:%M", "Africa/Johannesburg", "2025-05-21T14:19:00+02:00", "minute"),
        (
            "Thursday February 08, 2024 - 19:24:07",
            "%A %B %d, %Y - %H:%M:%S",
            "Africa/Mogadishu",
            "2024-02-08T19:24:07+03:00",
            "second",
        ),
    ],
)
def test_printed_times_are_read(raw: str, form: str, zone: str | None, at: str, precision: str) -> None:
    stamp = parse_printed(raw, ("%d.%m.%Y", form), zone)
    assert stamp is not None
    assert (stamp.at, stamp.precision, stamp.raw) == (at, precision, raw)


@pytest.mark.parametrize("raw", [None, "", "Feb 31, 2024", "soon"])
def test_what_is_no_printed_time_is_none(raw: str | None) -> None:
    assert parse_printed(raw, ("%B %d, %Y",)) is None


def test_milliseconds_are_read() -> None:
    stamp = from_epoch_ms(1747829947000)
    assert stamp is not None
    assert stamp.at == "2025-05-21T12:19:07+00:00"


@pytest.mark.parametrize("value", [None, "1747829947000", True, -1, 0, 10**30, 1.5])
def test_what_are_no_milliseconds_is_none(value: object) -> None:
    assert from_epoch_ms(value) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("by AFP Staff Writers", ("AFP Staff Writers",)),
        ("By Ann Lee, Bo Roe and Cy Poe", ("Ann Lee", "Bo Roe", "Cy Poe")),
        ("Written by: Ann Lee | Bo Roe", ("Ann Lee", "Bo Roe")),
        ("Ann Lee & Ann Lee", ("Ann Lee",)),
        ("By Martin Sanders", ("Martin Sanders",)),
        ("Byron Lee", ("Byron Lee",)),
        ("Ann Lee, PhD", ("Ann Lee, PhD",)),
        ("x" * 200, ()),
        (None, ()),
        ("", ()),
    ],
)
def test_bylines_are_split(text: str | None, names: tuple[str, ...]) -> None:
    assert split_byline(text) == names


def test_agencies_are_told_from_people() -> None:
    assert agency_of(("AFP Staff Writers",)) == "AFP"
    assert agency_of(("Issam AHMED",)) is None


HEADLINES = [
    ("<title>A port to be deepened | The Daily</title>", "A port to be deepened"),
    ("<title>The Daily: A port to be deepened</title>", "The Daily: A port to be deepened"),
    ("<title>A port to be deepened - Example</title>", "A port to be deepened"),
    ("<title>A port - is it a hope?</title><h1>A port - is it a hope?</h1>", "A port - is it a hope?"),
    ("<meta property=og:title content='A port to be deepened'><title>x</title>", "A port to be deepened"),
    ("<meta property=og:title content='A port to be deep...'><h1>A port to be deepened</h1>", "A port to be deep..."),
    ("<title>Example</title><h1>A port to be deepened</h1>", "A port to be deepened"),
    ("<title>A port to be deepened</title><h1>The Example Daily News</h1>", "A port to be deepened"),
    ("<p>x", None),
    (
        '<script type=application/ld+json>{"@type":"NewsArticle","headline":"A port"}</script><title>Other</title>',
        "A port",
    ),
]


@pytest.mark.parametrize(("html", "headline"), HEADLINES, ids=range(len(HEADLINES)))
def test_the_headline_is_what_page_and_print_agree_on(html: str, headline: str | None) -> None:
    page = page_of(html)
    assert find_headline(page, Layout(page), page.lines, len(page.lines)) == headline


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council of the town agreed on Monday that the port is to be deepened for the ships", "en"),
        ("Der Rat der Stadt hat am Montag beschlossen, dass der Hafen für die Schiffe vertieft wird und", "de"),
        ("Le conseil de la ville a décidé lundi que le port est à approfondir pour les navires et", "fr"),
        ("El consejo de la ciudad decidió el lunes que el puerto se hará más profundo para los barcos y", "es"),
        ("Il consiglio della città ha deciso che il porto è da rendere più profondo per le navi e", "it"),
        ("市议会周一决定加深港口以便船只通行", "zh"),
        ("市議会は月曜日に港を深くすることを決めた", "ja"),
        ("시의회는 월요일 항구를 깊게 하기로 결정했다", "ko"),
        ("Городской совет решил углубить порт для кораблей", "ru"),
        ("xyzzy plugh", "pt"),
    ],
)
def test_the_language_is_the_texts(text: str, language: str) -> None:
    assert language_of(text, page_of("<html lang=pt-BR>")) == language


SCRIPTS = [
    ("Міська рада вирішила поглибити порт для кораблів, щоб їх стало більше, і є надія", "ru", "uk"),
    ("Міська рада вирішила поглибити порт для кораблів, щоб їх стало більше", "uk", "uk"),
    ("Градският съвет реши да задълбочи пристанището за корабите", "bg", "bg"),
    ("Градският съвет реши да задълбочи пристанището за корабите", "", "ru"),
    ("Градско веће је одлучило да продуби луку за бродове, ђаци и њихови ћошкови", "", "sr"),
    ("شورای شهر تصمیم گرفت بندر را برای کشتی‌ها گودتر کند", "", "fa"),
    ("قرر مجلس المدينة تعميق الميناء للسفن الكبيرة", "en", "ar"),
    ("Το δημοτικό συμβούλιο αποφάσισε να βαθύνει το λιμάνι", "en", "el"),
    ("เมืองตัดสินใจขุดท่าเรือให้ลึกขึ้น", "en", "th"),
    ("Hội đồng thành phố đã quyết định nạo vét cảng và cho phép các tàu lớn của những người này", "en", "vi"),
    ("Bystyret vedtok mandag at havnen skal bli dypere for skipene, og det er ikke for sent å gjøre det", "no", "nb"),
    ("Baraza la mji limeamua kwamba bandari ya mji huo kuwa na kina kwa ajili ya meli za watu", "en", "sw"),
]


@pytest.mark.parametrize(("text", "declared", "language"), SCRIPTS, ids=range(len(SCRIPTS)))
def test_scripts_and_their_letters_tell_more_than_the_tag(text: str, declared: str, language: str) -> None:
    assert language_of(text, page_of(f"<html lang='{declared}'>")) == language


def test_no_language_is_none() -> None:
    assert language_of("xyzzy", page_of("<p>x")) is None


def data(html: str) -> str:
    return f'<script type="application/ld+json">{html}</script>'


def test_times_come_from_linked_data_metas_and_microdata() -> None:
    linked = data('{"@type":"Article","datePublished":"2025-05-21T14:19:07+0200","dateModified":"bad"}')
    meta = "<meta property=article:modified_time content=2024-01-02>"
    micro = "<time itemprop=datePublished datetime=2023-01-02>x</time>"
    page = page_of(linked + meta + micro)
    published, modified = metadata.published(page), metadata.modified(page)
    assert published is not None
    assert modified is not None
    assert (published.at, modified.at) == ("2025-05-21T14:19:07+02:00", "2024-01-02")
    alone = metadata.published(page_of(micro))
    assert alone is not None
    assert alone.at == "2023-01-02"


@pytest.mark.parametrize(
    ("html", "access"),
    [
        ("", "free"),
        (data('{"@type":"NewsArticle","isAccessibleForFree":false}'), "paywalled"),
        (data('{"@type":"NewsArticle","isAccessibleForFree":"False"}'), "paywalled"),
        (data('{"@type":"NewsArticle","isAccessibleForFree":true}'), "free"),
        ("<meta property=article:content_tier content=metered>", "metered"),
        ("<meta property=article:content_tier content=locked>", "paywalled"),
    ],
)
def test_access_is_as_declared(html: str, access: str) -> None:
    assert metadata.access(page_of(html)) == access


def test_sections_and_tags_are_read() -> None:
    page = page_of(data('{"@type":"Article","articleSection":["World","Asia"],"keywords":"a, b,a"}'))
    assert metadata.section(page) == "World"
    assert metadata.tags(page) == ("a", "b")
    metas = page_of("<meta property=article:section content=S><meta property=article:tag content=x>")
    assert (metadata.section(metas), metadata.tags(metas)) == ("S", ("x",))


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A port in winter. Picture: REUTERS", "REUTERS"),
        ("A port in winter Image: 123RF/ANN LEE", "123RF/ANN LEE"),
        ("A port. Photo by: Ann Lee", "Ann Lee"),
        ("A port © Ann Lee", "Ann Lee"),
        ("A port in winter.", None),
    ],
)
def test_credits_are_read_from_captions(caption: str, credit: str | None) -> None:
    assert credit_of(caption, Layout(page_of(""))) == credit


def test_texts_are_compared_by_letters() -> None:
    assert fold("“The Port’s” — Hope!") == fold("the ports hope")
