"""compose.yaml, the Caddyfile and nginx's site agree with the image, with one another, and with the
limits of the hub behind them."""

import re
import shlex
from ipaddress import ip_address, ip_network
from typing import Any

from schema.limits import Limits
from tests.deploy.files import (
    DEPLOY,
    LAUNCHER,
    ROOT,
    compose,
    image,
    image_environment,
    listed,
    one,
    read,
    require_command,
)
from tests.docs.pages import page
from web.operating.routes import METRICS, READYZ

LIMITS = Limits()
UNITS = {"s": 1, "m": 60, "k": 1024, "KiB": 1024}
DOCKER = "docker compose -f deploy/compose.yaml"


def services() -> dict[str, Any]:
    found = compose()["services"]
    assert isinstance(found, dict)
    return found


def ours() -> dict[str, Any]:
    return {name: each for name, each in services().items() if each["image"].startswith("convoke:")}


def measure(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def test_what_a_service_names_is_declared() -> None:
    whole = compose()
    for name, service in services().items():
        assert set(service.get("networks", ())) <= set(whole["networks"]), name
        assert set(service.get("secrets", ())) <= set(whole["secrets"]), name
        assert set(service.get("depends_on", ())) <= set(services()), name
        for volume in service.get("volumes", ()):
            place = volume.split(":")[0]
            there = (DEPLOY / place).is_file() if place.startswith(".") else place
            assert there is True or there in whole["volumes"], f"{name}: {volume}"
    for name, secret in whole["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}


def test_each_process_of_the_hub_runs_a_command_on_a_disk_that_it_cannot_write() -> None:
    commands = {}
    for name, service in ours().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        writes = [*service["tmpfs"], *service.get("volumes", ())]
        assert any("/tmp" in each for each in writes), name  # noqa: S108 - the container's own
        if "entrypoint" not in service:
            commands[name] = service["command"]
            require_command(service["command"])
    assert commands == {
        "migrate": ["migrate"],
        "web-1": ["serve"],
        "web-2": ["serve"],
        "worker": ["worker"],
        "convoke": ["--help"],
    }


def test_the_backup_runs_what_is_in_the_image() -> None:
    backup = services()["backup"]
    wrapper, directory, *shell = backup["entrypoint"]
    assert [wrapper, directory] == listed("ENTRYPOINT")[:2]
    assert shell == ["/bin/sh", "-c"]
    (script,) = backup["command"]
    called = re.search(r"/opt/convoke/(deploy/\S+) (\S+) (\d+) (\S+)", script)
    assert called
    copies = [rest for name, rest in image() if name == "COPY"]
    assert any(called[1] in rest.split() for rest in copies)
    assert called[4] == LAUNCHER == listed("ENTRYPOINT")[2]
    assert f"backups:{called[2]}" in backup["volumes"]


def test_only_caddy_is_reached_and_only_the_hub_reaches_the_database() -> None:
    whole = services()
    assert {name for name, each in whole.items() if "ports" in each} == {"caddy"}
    assert compose()["networks"]["inside"] == {"internal": True}
    assert whole["database"]["networks"] == ["inside"]
    assert list(whole["caddy"]["networks"]) == ["outside"]


def test_caddy_is_the_one_proxy_that_is_believed() -> None:
    here = services()["caddy"]["networks"]["outside"]["ipv4_address"]
    (config,) = compose()["networks"]["outside"]["ipam"]["config"]
    assert ip_address(here) in ip_network(config["subnet"])
    for name, service in ours().items():
        assert service["environment"]["CONVOKE_PROXIES"] == here, name


def test_a_process_is_given_the_time_to_leave_that_it_takes() -> None:
    for name in ("web-1", "web-2"):
        drain = int(services()[name]["environment"]["CONVOKE_DRAIN_SECONDS"])
        assert measure(services()[name]["stop_grace_period"]) >= drain + 30
        # Caddy has heard of it by then: it asks so often, and waits so long for an answer.
        assert drain > setting("health_interval") + setting("health_timeout")


def setting(name: str, file: str = "Caddyfile") -> int:
    (found,) = re.findall(rf"^\s*{name} (\w+)", read(file), re.MULTILINE)
    return measure(found)


def test_caddy_asks_the_processes_that_there_are_where_they_answer() -> None:
    text = read("Caddyfile")
    (upstreams,) = re.findall(r"reverse_proxy (.*) {", text)
    port = image_environment()["CONVOKE_PORT"]
    serving = [name for name, each in ours().items() if each["command"] == ["serve"]]
    assert upstreams.split() == [f"{name}:{port}" for name in serving]
    assert set(services()["caddy"]["depends_on"]) == set(serving)
    assert re.findall(r"health_uri (\S+)", text) == [READYZ]
    assert re.findall(r"respond (\S+) 404", text) == [METRICS]
    assert one("EXPOSE") == port
    needed = set(re.findall(r"{\$([A-Z_]+)}", text))
    assert needed <= set(services()["caddy"]["environment"])


def test_the_braces_of_the_configurations_are_closed() -> None:
    for name in ("Caddyfile", "nginx.conf"):
        depth = 0
        for line in read(name).splitlines():
            bare = re.sub(r"(^|\s)#.*|{\$[A-Z_]+}", "", line)
            depth += bare.count("{") - bare.count("}")
            assert depth >= 0, f"{name}: {line}"
        assert depth == 0, name


def test_caddy_is_as_strict_and_as_patient_as_the_hub() -> None:
    assert setting("max_size") == LIMITS.body_bytes
    assert setting("max_header_size") == LIMITS.header_bytes
    assert setting("read_header") == LIMITS.header_seconds
    assert setting("keepalive") < LIMITS.keep_alive_seconds
    assert setting("response_header_timeout") > LIMITS.run_seconds + LIMITS.waiting_seconds


def test_nginx_is_as_strict_and_as_patient_as_the_hub() -> None:
    text = read("nginx.conf")
    assert setting("client_max_body_size", "nginx.conf") == LIMITS.body_bytes
    assert setting("client_header_timeout", "nginx.conf") == LIMITS.header_seconds
    assert setting("client_body_timeout", "nginx.conf") == LIMITS.body_seconds
    assert setting("keepalive_timeout", "nginx.conf") < LIMITS.keep_alive_seconds
    streams, others = (measure(found) for found in re.findall(r"proxy_read_timeout (\w+)", text))
    assert streams > 2 * LIMITS.stream_ping_seconds
    assert others > LIMITS.run_seconds + LIMITS.waiting_seconds
    # Whoever is named in CONVOKE_PROXIES must say for whom it asks, at every place.
    passed = text.count("proxy_pass ")
    assert passed == text.count("proxy_set_header X-Forwarded-For $remote_addr;")
    assert f"location = {METRICS} {{\n        return 404;" in text
    assert "CONVOKE_PROXIES=127.0.0.1\n" in page("docs/operating.md").text


def told() -> list[list[str]]:
    """What the manual has one type after `docker compose -f deploy/compose.yaml`."""
    lines = (line.partition(f"{DOCKER} ") for line in page("docs/operating.md").shell_lines())
    return [shlex.split(rest) for _, found, rest in lines if found]


def test_the_manual_names_services_and_commands_that_there_are() -> None:
    assert (ROOT / "deploy" / "compose.yaml").is_file()
    calls = told()
    assert len(calls) >= 8
    for verb, *rest in calls:
        if verb == "run":
            (flag, service, *words) = rest
            assert (flag, service) == ("--rm", "convoke")
            require_command(words)
        named = [word for word in rest if not word.startswith("-")]
        if verb in {"stop", "start", "up"}:
            assert set(named) <= set(services()), f"{verb} {named}"


def test_the_manual_makes_every_secret() -> None:
    text = page("docs/operating.md").text
    made = set(re.findall(r"(?:> |touch )secrets/(\w+)", text))
    assert made == set(compose()["secrets"])
    assert f"chown {one('USER').split(':')[0]} secrets/CONVOKE_* secrets/DATABASE_URL" in text
