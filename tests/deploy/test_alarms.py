"""Alarms and the board tell of metrics that there are, and each alarm leads to what to do."""

import json
import re
from typing import Any

import pytest

from schema.codes import Code
from tests.deploy.files import documents, read
from tests.docs.pages import page
from web.operating.metrics import SERIES
from web.operating.routes import METRICS

MANUAL = "docs/operating.md"
RUNBOOK = "## When an alarm rings\n"
PARTS = ("_bucket", "_sum", "_count")
# Each metric that may stand in an expression, with its labels; a histogram by its parts alone.
LABELS = {series.name: set(series.labels) for series in SERIES}
HISTOGRAMS = {
    "convoke_http_request_seconds",
    "convoke_graphql_operation_seconds",
    "convoke_event_loop_lag_seconds",
}
KNOWN = {name: labels for name, labels in LABELS.items() if name not in HISTOGRAMS} | {
    f"{name}{part}": LABELS[name] | ({"le"} if part == "_bucket" else set())
    for name in HISTOGRAMS
    for part in PARTS
}
PROMETHEUS_OWN = {"job", "instance"}
MEASURE = re.compile(r"\b(convoke_\w+)(?:{([^}]*)})?")
LABEL = re.compile(r'(\w+)(?:=~|!~|!=|=)"')
BY = re.compile(r"\b(?:by|on) \(([^)]*)\)")


def require_known(expression: str) -> set[str]:
    """The metrics of an expression, or AssertionError about what there is not."""
    names, labels = set[str](), set(PROMETHEUS_OWN)
    for name, given in MEASURE.findall(expression):
        assert name in KNOWN, f"there is no {name}"
        asked = set(LABEL.findall(given)) - PROMETHEUS_OWN
        assert asked <= KNOWN[name], f"{name} has no {asked - KNOWN[name]}"
        names.add(name)
        labels |= KNOWN[name]
    for given in BY.findall(expression):
        asked = {label.strip() for label in given.split(",") if label.strip()}
        assert asked <= labels, f"no {asked - labels} in {expression}"
    assert expression.count("(") == expression.count(")")
    return names


def rules() -> list[dict[str, Any]]:
    (found,) = documents(read("prometheus/rules.yml"))
    return [rule for group in found["groups"] for rule in group["rules"]]


def whole(name: str) -> str:
    return next((each for each in HISTOGRAMS if name in {f"{each}{p}" for p in PARTS}), name)


def runbook() -> set[str]:
    """The anchors of what to do."""
    (part,) = re.findall(rf"{RUNBOOK}(.*?)(?=^## )", page(MANUAL).text, re.DOTALL | re.MULTILINE)
    return {
        heading.lower().replace(" ", "-")
        for heading in re.findall(r"^### (.+)$", part, re.MULTILINE)
    }


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alarm_is_about_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert require_known(rule["expr"]) or rule["expr"] == 'up{job="convoke"} == 0'
    assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "look"}
    place, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert place == MANUAL
    assert anchor in runbook()
    said = rule["annotations"]["summary"]
    kept = {label for group in BY.findall(rule["expr"]) for label in re.split(r",\s*", group)}
    for label in re.findall(r"\$labels\.(\w+)", said):
        aggregated = re.search(r"\b(?:sum|min|max)\b", rule["expr"])
        assert label in kept or not aggregated, f"{label} is gone when it is told"


def test_each_part_of_the_runbook_has_an_alarm_and_each_alarm_a_name_of_its_own() -> None:
    assert {rule["annotations"]["runbook"].partition("#")[2] for rule in rules()} == runbook()
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))


def test_codes_in_alarms_are_those_of_the_hub() -> None:
    named = {code for rule in rules() for code in re.findall(r'code="(\w+)"', rule["expr"])}
    assert named == {Code.OVERLOADED.value}


def board() -> dict[str, Any]:
    found = json.loads(read("grafana/convoke.json"))
    assert isinstance(found, dict)
    return found


def test_the_board_shows_every_metric_and_no_other() -> None:
    shown = {
        whole(name)
        for panel in board()["panels"]
        for target in panel.get("targets", ())
        for name in require_known(target["expr"])
    }
    assert shown == set(LABELS)


def test_the_panels_of_the_board_are_beside_one_another() -> None:
    taken = set[tuple[int, int]]()
    for panel in board()["panels"]:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    numbers = [panel["id"] for panel in board()["panels"]]
    assert len(numbers) == len(set(numbers))


def test_prometheus_reads_the_job_that_alarms_are_about() -> None:
    (found,) = documents(read("prometheus/prometheus.yml"))
    assert found["rule_files"] == ["rules.yml"]
    (scrape,) = found["scrape_configs"]
    assert scrape["job_name"] == "convoke"
    # Which is what Prometheus asks for where nothing is said.
    assert scrape.get("metrics_path", "/metrics") == METRICS
    for rule in rules():
        assert 'job="convoke"' in rule["expr"]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("convoke_gone > 0", "there is no convoke_gone"),
        ("rate(convoke_event_loop_lag_seconds[5m])", "there is no convoke_event_loop"),
        ('convoke_mail_waiting{peer="a"} > 0', "has no"),
        ("max by (duty) (convoke_peer_lag_seconds)", "no {'duty'}"),
    ],
)
def test_an_expression_about_what_there_is_not_is_noticed(expression: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        require_known(expression)
