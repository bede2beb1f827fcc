"""trafilatura and htmldate are asked about the page's own tree, and leave it as it is."""

import pytest
from lxml import html

from crawler.extract.body import likely_day, main_blocks
from tests.captures import page_of

TEXT = "The council of the harbour town agreed on Monday to deepen the port, after a long and bitter debate."
PAGE = f"""<html><body><nav><a href=/a>Home</a></nav><script>var day = 1</script><style>p {{}}</style>
<article><h1>Port to be deepened</h1><p class=date>March 4, 2024</p>{f"<p>{TEXT} <b>Bold</b> end.</p>" * 8}
<div class=comments><p>{TEXT}</p></div></article><footer><p>Imprint</p></footer></body></html>"""


@pytest.mark.parametrize("ask", [main_blocks, likely_day])
@pytest.mark.parametrize("text", [PAGE, PAGE.replace(TEXT, "A port.")])
def test_the_tree_is_left_as_it_is(ask: object, text: str) -> None:
    page = page_of(text, "https://example.com/a")
    before = html.tostring(page.tree)
    assert callable(ask)
    assert ask(page)
    assert html.tostring(page.tree) == before
