"""The image's steps, run as a script in a directory; and the hub that they lead to."""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, ROOT, SETTINGS, image, image_environment, listed, one, read

HOME = "/opt/convoke"
SECRETS = "/run/secrets"


def is_sent(path: str) -> bool:
    """Whether a file is among what Docker is given: all is left out but what .dockerignore lets in."""
    rules = re.findall(r"^[^#\n].*$", read("Dockerfile.dockerignore"), re.MULTILINE)
    assert rules[0] == "*"
    parts, sent = Path(path).parts, False
    for rule in rules[1:]:
        if rule.startswith("!"):
            assert re.fullmatch(r"![\w.]+", rule), f"{rule}: a rule that this reader does not know"
            sent = sent or parts[0] == rule[1:]
        else:
            assert re.fullmatch(r"\*\*/\w+", rule), f"{rule}: a rule that this reader does not know"
            sent = sent and rule[3:] not in parts
    return sent


def copied(rest: str, to: Path) -> None:
    *sources, target = rest.split()
    for source in sources:
        assert is_sent(source), f"{source} is kept from Docker by Dockerfile.dockerignore"
        there = to / target / ("" if target.endswith("/") else ".")
        if (ROOT / source).is_dir():
            shutil.copytree(
                ROOT / source,
                there,
                ignore=shutil.ignore_patterns("__pycache__"),
                dirs_exist_ok=True,
            )
        else:
            there = there / Path(source).name if target.endswith("/") else to / target
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / source, there)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in /opt/convoke. The packages are those of the tests, so that none is fetched."""
    tree = tmp_path_factory.mktemp("image") / "convoke"
    names = tree.parent / "names"
    for there in (names / "python", tree / ".venv" / "bin" / "python"):
        there.parent.mkdir(parents=True)
        there.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
        there.chmod(0o755)
    first = list(image())[1:]
    end = next(number for number, (name, _) in enumerate(first) if name == "FROM")
    for name, rest in first[:end]:
        if name == "COPY":
            copied(rest, tree)
        elif name == "RUN":
            shutil.copy(tree / "requirements.txt", tree / ".venv" / "installed-requirements.txt")
            subprocess.run(
                ["/bin/sh", "-ec", rest.replace(HOME, str(tree))],
                cwd=tree,
                env={"PATH": f"{names}:{os.defpath}"},
                check=True,
                timeout=120,
            )
        else:
            assert (name, rest) == ("WORKDIR", HOME)
    return tree


@dataclass(frozen=True)
class Container:
    """What runs as it would in one: with the image's environment, and secrets in files."""

    tree: Path
    secrets: Path
    data: Path
    port: int

    def words(self, given: list[str]) -> list[str]:
        places = {HOME: str(self.tree), SECRETS: str(self.secrets)}
        for place, here in places.items():
            given = [word.replace(place, here) for word in given]
        return given

    @property
    def environment(self) -> dict[str, str]:
        # Listening on this machine alone, wherever the tests run.
        here = {"CONVOKE_HOST": "127.0.0.1", "CONVOKE_PORT": str(self.port)}
        surroundings = {"PATH": os.defpath, "CONVOKE_DATA": str(self.data)}
        return {**image_environment(), **here, **surroundings}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words([*listed("ENTRYPOINT"), *arguments]),
            cwd=self.tree,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def is_well(self) -> bool:
        said = one("HEALTHCHECK").partition("CMD ")[2]
        done = subprocess.run(
            self.words(json.loads(said)),
            cwd=self.tree,
            env=self.environment,
            capture_output=True,
            timeout=20,
            check=False,
        )
        return done.returncode == 0

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            self.words([*listed("ENTRYPOINT"), *listed("CMD")]),
            cwd=self.tree,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stderr is not None
                for line in process.stderr:
                    if "answers at" in line:
                        break
                yield process
            finally:
                process.kill()

    def asked(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status


@pytest.fixture
def container(built: Path, tmp_path: Path, database_url: str) -> Container:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "DATABASE_URL").write_text(f"{database_url}\n", "utf-8")
    (secrets / "CONVOKE_SECRET_KEY").write_text("0123456789abcdef" * 4 + "\n", "utf-8")
    (secrets / "CONVOKE_SMTP_URL").touch()
    (secrets / "database_password").write_text("is no setting\n", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return Container(built, secrets, tmp_path / "data", port)


def everything(tree: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in tree.rglob("*")}


def test_the_hub_of_the_image_answers_and_writes_nothing_beside_its_data(
    container: Container,
) -> None:
    before = everything(container.tree)
    assert not container.is_well()
    with container.serving() as hub:
        assert container.asked("/healthz") == 200
        assert container.asked("/readyz") == 200
        assert container.is_well()
        hub.send_signal(getattr(signal, one("STOPSIGNAL")))
        _, said = hub.communicate(timeout=30)
        assert hub.returncode == 0, said
    assert not container.is_well()
    assert everything(container.tree) == before
    assert not container.data.exists()


def test_each_command_of_the_image_is_that_of_the_tree(container: Container) -> None:
    done = container.run("migrate", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("nothing to do.\n")
    assert container.run("sreve").returncode == 2


def test_the_image_has_all_folders_of_the_service_and_no_data(built: Path) -> None:
    inside = {path.name for path in built.iterdir()}
    assert inside - {".convoke"} == {
        *("auth", "domain", "federation", "languages", "resolvers", "schema", "storage", "web"),
        *(
            "deploy",
            "__main__.py",
            "convoke",
            "LICENSE",
            "requirements.txt",
            ".venv",
            "__pycache__",
        ),
    }
    assert not is_sent(".convoke/data/secret.key")
    assert not is_sent(".venv/bin/python")
    assert not is_sent("web/__pycache__/app.cpython-311.pyc")
    assert is_sent("web/app.py")


def test_nobody_in_particular_runs_it() -> None:
    made = next(rest for name, rest in image() if name == "RUN" and "useradd" in rest)
    subprocess.run(["/bin/sh", "-n", "-c", made], check=True)
    number = one("USER").split(":")[0]
    assert number == "10001"
    assert f"--uid {number} " in made
    assert f"-o {number} -g {number} -m 0700 /var/lib/convoke /var/backups/convoke" in made
    assert image_environment()["CONVOKE_DATA"] == "/var/lib/convoke"
    assert one("EXPOSE") == image_environment()["CONVOKE_PORT"]


# Secrets in files


def given(directory: Path, *command: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DEPLOY / "with-secrets", directory, *command],
        env={"PATH": os.defpath, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_named_like_a_setting_gives_it_its_value(tmp_path: Path) -> None:
    value = "postgres://convoke:a$b 'c\"@database/convoke"
    (tmp_path / "DATABASE_URL").write_text(f"{value}\n", "utf-8")
    (tmp_path / "CONVOKE_METRICS_TOKEN").write_text("from the file", "utf-8")
    (tmp_path / "PATH").write_text("/nowhere", "utf-8")
    done = given(tmp_path, "env", CONVOKE_METRICS_TOKEN="from outside")
    found = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert found["DATABASE_URL"] == value
    assert found["CONVOKE_METRICS_TOKEN"] == "from the file"
    assert found["PATH"] == os.defpath


def test_without_any_file_it_runs_the_command_as_it_is(tmp_path: Path) -> None:
    assert given(tmp_path / "none", "printf", "%s|", "a b", "c").stdout == "a b|c|"
    assert given(tmp_path, "sh", "-c", "exit 7").returncode == 7


def test_a_secret_that_cannot_be_read_is_told_and_nothing_is_run(tmp_path: Path) -> None:
    (tmp_path / "CONVOKE_SECRET_KEY").mkdir()  # also root cannot read that as a file
    done = given(tmp_path, "echo", "run")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "CONVOKE_SECRET_KEY" in done.stderr


def test_every_secret_is_a_setting() -> None:
    named = re.findall(r'"\$from"/([A-Z_]+\*?)', read("with-secrets"))
    assert named == ["CONVOKE_*", "DATABASE_URL", "DATABASE_REPLICA_URL"]
    assert all(name.startswith(("CONVOKE_", "DATABASE_")) for name in SETTINGS)
