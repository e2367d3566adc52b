"""`python -m carpools --hub http://localhost:8000`: listens on this machine alone."""

import socket
from argparse import ArgumentParser
from pathlib import Path

import uvicorn

from carpools.app import create_app

if __name__ == "__main__":
    words = ArgumentParser(prog="carpools", description="Carpools to the events of a hub.")
    words.add_argument("--hub", default="http://localhost:8000", help="the hub's address")
    words.add_argument("--port", type=int, default=4001, help="the port to listen on")
    words.add_argument("--file", type=Path, default=Path("carpools.sqlite3"), help="what is kept")
    given = words.parse_args()
    app = create_app(given.hub, given.file)
    with socket.create_server(("127.0.0.1", given.port)) as taken:
        print(f"listening on {taken.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([taken])
