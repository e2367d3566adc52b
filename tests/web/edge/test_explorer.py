"""The explorer: one page, nobody else's code, and a policy that says so."""

import base64
import hashlib
import re

import pytest
from starlette.types import ASGIApp

from tests.web.edge.asking import call

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def test_a_browser_gets_the_explorer(app: ASGIApp) -> None:
    told = await call(app, method="GET", headers=[("accept", BROWSER)])
    assert told.status == 200
    assert told.headers["content-type"] == "text/html; charset=utf-8"
    assert b"Convoke <span>explorer</span>" in told.body


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html;q=0.1, application/json"])
async def test_a_program_that_gets_gets_no_page(app: ASGIApp, accept: str) -> None:
    told = await call(app, method="GET", headers=[("accept", accept)])
    assert (told.status, told.codes) == (400, ["BAD_REQUEST"])


async def test_the_policy_allows_the_pages_own_script_and_style_and_no_others(
    app: ASGIApp,
) -> None:
    told = await call(app, method="GET", headers=[("accept", BROWSER)])
    page, policy = told.body.decode(), told.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("script", "style"):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
        assert "unsafe" not in policy


async def test_the_page_names_no_other_host_and_makes_no_html_of_answers(app: ASGIApp) -> None:
    page = (await call(app, method="GET", headers=[("accept", BROWSER)])).body.decode()
    assert re.findall(r"https?://|//[a-z]+\.", page) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", page) == []
