"""What the docs show is what the code does."""

from pathlib import Path

from tests.cleaning import main

ROOT = Path(__file__).parent.parent
CLEANING = ROOT / "docs" / "cleaning.md"


def test_the_page_on_cleaning_is_what_its_script_writes() -> None:
    """If this fails for a good reason: .venv/bin/python -m tests.cleaning > docs/cleaning.md"""
    assert main() == CLEANING.read_text(encoding="utf-8")


def test_it_shows_each_site_with_what_is_dropped_and_why() -> None:
    text = CLEANING.read_text(encoding="utf-8")
    for site in ("space_media_network", "indebta", "diplomat_so", "business_live", "dimsum_daily"):
        part = text.split(f"## {site}: ")[1].split("\n## ")[0]
        assert "\n+ " in part
        assert "\n- " in part
        assert '"headline": ' in part
    for reason in ("boilerplate wording", "outside the article", "sign-off", "in a dropped element"):
        assert f"[{reason}]" in text, reason
