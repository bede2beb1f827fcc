"""Every exchange is kept byte for byte, whatever the server does: compared with the server's own log."""

import pytest
import scrapy

from tests.crawl.wire.crawling import Kept
from tests.crawl.wire.runs import Run
from tests.crawl.wire.scenarios import SCENARIOS, Scenario


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name)
def scenario(request: pytest.FixtureRequest) -> Scenario:
    each: Scenario = request.param
    return each


def only(kept: list[Kept]) -> Kept:
    assert len(kept) == 1
    return kept[0]


def test_the_request_is_kept_as_the_server_got_it(run: Run, scenario: Scenario) -> None:
    assert only(run.kept[scenario.name]).exchange.request == run.server.log[scenario.name][-1].request


def test_the_response_is_kept_as_the_server_sent_it(run: Run, scenario: Scenario) -> None:
    sent = run.server.log[scenario.name][-1].response
    sent = sent.removeprefix(b"".join(scenario.interim)).removesuffix(scenario.surplus)
    assert only(run.kept[scenario.name]).response == sent


def test_interim_responses_are_kept_apart(run: Run, scenario: Scenario) -> None:
    assert only(run.kept[scenario.name]).exchange.interim == scenario.interim


def test_what_was_cut_or_no_http_is_marked(run: Run, scenario: Scenario) -> None:
    exchange = only(run.kept[scenario.name]).exchange
    assert (exchange.truncated, exchange.malformed is not None) == (scenario.truncated, scenario.malformed)


def test_scrapy_gets_what_its_own_handlers_give(run: Run, scenario: Scenario) -> None:
    outcome = run.outcomes[scenario.name]
    if scenario.error is not None:
        assert type(outcome.error).__name__ == scenario.error
        return
    assert outcome.error is None
    assert outcome.response.status == scenario.status
    assert outcome.response.body == scenario.body
    assert tuple(outcome.response.flags) == scenario.flags


def test_the_capture_is_what_the_archive_will_give_back(run: Run, scenario: Scenario) -> None:
    capture = run.outcomes[scenario.name].capture
    kept = only(run.kept[scenario.name])
    if scenario.malformed or scenario.name == "head-cut":
        assert capture is None
        return
    assert capture is not None
    assert capture.ref is not None
    assert (capture.url, capture.captured_at) == (kept.exchange.url, kept.exchange.started_at)
    assert capture.truncated == kept.exchange.truncated
    if scenario.error is None:
        assert capture.payload == (scenario.body if scenario.payload is None else scenario.payload)


def test_html_arrives_as_html_however_it_is_encoded(run: Run, scenario: Scenario) -> None:
    response = run.outcomes[scenario.name].response
    if response is not None and response.body and response.headers.get("Content-Type"):
        assert isinstance(response, scrapy.http.HtmlResponse)


def test_the_peer_is_noted(run: Run, scenario: Scenario) -> None:
    exchange = only(run.kept[scenario.name]).exchange
    first = "http/1.0" if exchange.url.endswith("1.0") or scenario.name == "icy" else "http/1.1"
    secured = run.server.tls is not None
    assert exchange.ip_address == "127.0.0.1"
    assert exchange.protocols == ((first, "tls/1.3") if secured else (first,))
    assert (exchange.cipher_suite or "").startswith("TLS_") == secured


def test_only_bodies_past_the_limit_go_to_disk(run: Run, scenario: Scenario) -> None:
    assert only(run.kept[scenario.name]).on_disk == scenario.name.startswith("big")


def test_only_http_1_1_is_negotiated(run: Run) -> None:
    assert set(run.server.alpn) == ({"http/1.1"} if run.server.tls else set())
