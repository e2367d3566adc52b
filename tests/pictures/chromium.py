"""Chromium as Debian has it, driven by playwright: one for the run, without a screen.

It runs on a loop of its own, in a thread, because each test has another loop.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

HUB = "http://hub.test"
PROGRAM = Path("/usr/bin/chromium")
WHY_NOT = f"There is no {PROGRAM}: pictures of the pages need Debian's package chromium."

T = TypeVar("T")


@dataclass(frozen=True)
class Chromium:
    browser: Browser
    loop: asyncio.AbstractEventLoop

    async def do(self, work: Coroutine[object, object, T]) -> T:
        """In Chromium's thread, while the hub answers in this one."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.loop))

    @asynccontextmanager
    async def visitor(self, **options: Any) -> AsyncIterator[BrowserContext]:
        """A browser that was never here; what is done with it is done in Chromium's thread."""
        context = await self.do(self.browser.new_context(reduced_motion="reduce", **options))
        try:
            yield context
        finally:
            await self.do(context.close())

    async def look(
        self,
        at: Callable[[Page], Awaitable[T]],
        cookies: dict[str, str] | None = None,
        *,
        held_to_the_policy: bool = True,
        scripts: bool = True,
    ) -> T:
        """What `at` finds on the page of a new visitor; `cookies` are the hub's."""

        async def looked() -> T:
            context = await self.browser.new_context(
                viewport={"width": 360, "height": 780},
                reduced_motion="reduce",
                bypass_csp=not held_to_the_policy,
                java_script_enabled=scripts,
            )
            try:
                for name, value in (cookies or {}).items():
                    await context.add_cookies([{"name": name, "value": value, "url": HUB}])
                return await at(await context.new_page())
            finally:
                await context.close()

        return await self.do(looked())


@contextmanager
def started(ports: Mapping[str, int]) -> Iterator[Chromium]:
    """`ports` are where it finds a hub, by its host and port; it finds nobody else."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="chromium")
    thread.start()

    def wait_for(work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    try:
        driver = wait_for(async_playwright().start())
        try:
            browser = wait_for(
                driver.chromium.launch(executable_path=str(PROGRAM), args=_arguments(ports))
            )
            try:
                yield Chromium(browser, loop)
            finally:
                wait_for(browser.close())
        finally:
            wait_for(driver.stop())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _arguments(ports: Mapping[str, int]) -> list[str]:
    found = [f"MAP {name} 127.0.0.1:{port}" for name, port in ports.items()]
    rules = [*found, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", "EXCLUDE localhost"]
    return [
        "--no-sandbox",  # it may be root who runs the checks
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--host-resolver-rules={', '.join(rules)}",
    ]
