"""Damage of whole pages is undone; what is not damaged stays as it is."""

# ruff: noqa: RUF001 - the damaged letters are the point

import pytest

from crawler.mending import decoded_once, unended, without_controls
from crawler.page import parse_html
from tests.captures import page_of

WHOLE = "“Größe” – it’s naïve, said Zoë: 5 € for a café at the Öresund…"


@pytest.mark.parametrize("codec", ["latin-1", "cp1252"])
def test_text_encoded_twice_is_decoded(codec: str) -> None:
    text = WHOLE if codec == "latin-1" else WHOLE.replace("”", "’")  # windows-1252 has no byte 0x9D
    assert decoded_once(text.encode().decode(codec).encode()) == text.encode()


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        "plain",
        "„CAFÉ“ „CAFÉ“ „CAFÉ“ – naïve façade, déjà vu à Orléans, où l'été fut très agréable",
        "It’s written Ã© by mistake.",
        "Ã© Ã© Ã" + "é" * 9,
        "Â»Â»Â» in a text with Größe, Maß, Übermut, Öl, Ärger",
        "Все счастливые семьи похожи друг на друга",
    ],
)
def test_honest_text_is_left_alone(text: str) -> None:
    assert decoded_once(text.encode()) == text.encode()


def test_a_page_encoded_twice_is_read_as_it_was_written() -> None:
    page = page_of(f"<title>{WHOLE}</title>".encode().decode("latin-1").encode(), "https://example.com/a")
    assert page.title == WHOLE


def test_text_below_the_documents_end_is_parsed() -> None:
    assert unended(b"<body><p>a</BODY ></html><p>b") == b"<body><p>a<p>b"
    tree = parse_html("<html><body><header>top</header></body></html><p>text below</p></body></html>")
    assert [p.text for p in tree.iter("p")] == ["text below"]


@pytest.mark.parametrize(
    "broken",
    ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff", "&#1;", "&#x1F;", "&#x0b;", "&#12;", "&#65534;", "&#xFFFF;", "&#0;"],
)
def test_control_characters_are_no_part_of_a_page(broken: str) -> None:
    tree = parse_html(f"<p>one{broken}two</p>")
    assert tree.text_content() == "onetwo"
    tree.text = tree.text_content()  # lxml refuses what is no character


def test_other_characters_and_references_stay() -> None:
    kept = "a\tb\nc &#9; &#13; &#8217; &#128512; &#x1F600; &#x20; é 漢字 &#19a"
    assert without_controls(kept.encode()) == kept.replace("&#19", "").encode()
    assert without_controls(b"one\ftwo") == b"one two"
