"""What a line stands in is told by the names that designers give to boxes."""

import pytest

from crawler.extract.surroundings import FAR, INSIDE, PARTS, Scene
from crawler.page import parse_html


def scene_of(html: str) -> Scene:
    """Where the `<p>` of a page stand."""
    return Scene(parse_html(html).iter("p"))


def levels(html: str) -> bytes:
    """Those of the only `<p>` of a page."""
    return scene_of(html).look_of(0).levels


@pytest.mark.parametrize(
    ("html", "part", "away"),
    [
        ("<div class='post__relatedArticles'><p>x</p></div>", "related", 1),
        ("<div id=comments><ul><li><p>x</p></ul></div>", "comment", 3),
        ("<p data-testid=Author-Bio>x</p>", "author", 0),
        ("<div itemprop=articleBody><p>x</p></div>", "body", 1),
        ("<div class=scare><p>x</p></div>", "share", FAR),
        ("<body class=comment><p>x</p>", "comment", FAR),
    ],
)
def test_a_part_is_told_by_the_words_of_class_and_id(html: str, part: str, away: int) -> None:
    assert levels(html)[PARTS.index(part)] == away


@pytest.mark.parametrize(
    "html", ["<aside><div><p>x</p></div></aside>", "<div role=complementary><div><p>x</p></div></div>"]
)
def test_a_role_says_what_an_element_of_that_name_would(html: str) -> None:
    assert levels(html)[len(PARTS) + INSIDE.index("aside")] == 2


def test_elements_styled_alike_have_one_signature() -> None:
    scene = scene_of("<div class=a><p class=b>1</p><p class=b>2</p><p>3</p></div>")
    first, second, third = (scene.look_of(line)[-2:] for line in range(3))
    assert first == second != third
    assert scene.styled[0] == scene.styled[1] != scene.styled[2]


def test_what_is_nested_beyond_sense_is_measured_all_the_same() -> None:
    assert levels("<div class=share>" + "<div>" * 1_000 + "<p>x</p>")[PARTS.index("share")] == FAR


def test_a_page_without_lines_has_no_scene() -> None:
    scene = scene_of("<div class=share></div>")
    assert (len(scene.around), len(scene.outer), scene.upwards) == (0, 0, [])
