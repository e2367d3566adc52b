"""The files for a cluster agree with the image, with one another, and with what the hub asks for."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deploy.files import (
    DEPLOY,
    LAUNCHER,
    SETTINGS,
    image_environment,
    kinds,
    one,
    require_command,
)
from tests.docs.pages import page
from web.operating.routes import HEALTHZ, READYZ
from web.settings import read_settings

# Not applied with the others: one is to be filled in, the other is for the day it is needed.
APART = {"kustomization.yaml", "secret.example.yaml", "restore.yaml"}
FILES = sorted(path.name for path in (DEPLOY / "kubernetes").iterdir())
PODS = ("web.yaml", "worker.yaml", "migrate.yaml", "backup.yaml", "restore.yaml")
# What CloudNativePG makes of a Cluster of that name.
MADE = {"convoke-db-app": {"username", "password", "dbname", "host", "port", "uri"}}


def thing(file: str, kind: str) -> Any:
    (found,) = (each for name, each in kinds(file) if name == kind)
    return found


def everything() -> Iterator[tuple[str, Any]]:
    for file in FILES:
        yield from kinds(file)


def pod(file: str) -> Any:
    """The template of what a file runs."""
    for kind, found in kinds(file):
        if kind in {"Deployment", "Job"}:
            return found["spec"]["template"]
        if kind == "CronJob":
            return found["spec"]["jobTemplate"]["spec"]["template"]
    raise AssertionError(file)


def container(file: str) -> Any:
    (found,) = pod(file)["spec"]["containers"]
    return found


def test_every_file_is_applied_or_known_to_be_apart() -> None:
    applied = thing("kustomization.yaml", "Kustomization")["resources"]
    assert len(applied) == len(set(applied))
    assert set(applied) | APART == set(FILES)


@pytest.mark.parametrize("file", PODS)
def test_a_process_runs_as_the_image_wants_it_and_may_do_nothing_more(file: str) -> None:
    spec, only = pod(file)["spec"], container(file)
    user, group = (int(number) for number in one("USER").split(":"))
    # Or the cluster would set CONVOKE_WEB_SERVICE_HOST and its like, which no hub knows.
    assert spec["enableServiceLinks"] is False
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": group,
        "fsGroup": group,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounted = {each["name"]: each["mountPath"] for each in only["volumeMounts"]}
    assert mounted["tmp"] == "/tmp"  # noqa: S108 - the container's own
    assert {each["name"] for each in spec["volumes"]} == set(mounted)
    assert only["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize("file", PODS)
def test_a_process_runs_a_command_that_there_is(file: str) -> None:
    only = container(file)
    if "args" in only:
        require_command(only["args"])
        return
    script, directory, days, launcher = only["command"]
    assert script == "/opt/convoke/deploy/nightly-backup"
    assert (days, launcher) == ("14", LAUNCHER)
    assert directory in [each["mountPath"] for each in only["volumeMounts"]]


def given(file: str) -> dict[str, str]:
    """What its environment comes to, with what an operator filled in."""
    settings = thing("settings.yaml", "ConfigMap")["data"]
    secrets = {"CONVOKE_SECRET_KEY": "0" * 64, "CONVOKE_METRICS_TOKEN": "0" * 48}
    only = container(file)
    assert only["envFrom"] == [
        {"configMapRef": {"name": "convoke"}},
        {"secretRef": {"name": "convoke"}},
    ]
    found = {**image_environment(), **settings, **secrets}
    for each in only["env"]:
        value = each.get("value", "word")
        assert "$(" not in value.replace("$(DB_PASSWORD)", "")
        assert "$(DB_PASSWORD)" not in value or "DB_PASSWORD" in found  # set before it is used
        found[each["name"]] = value.replace("$(DB_PASSWORD)", "word")
    return found


@pytest.mark.parametrize("file", PODS)
def test_a_process_is_given_settings_that_it_takes(file: str) -> None:
    found = read_settings(given(file))
    assert found.database_url is not None
    assert not found.worker_inside
    assert (found.host, found.port) == ("0.0.0.0", 8000)  # noqa: S104 - of a pod
    replica = "convoke-db-ro" in (found.replica_url or "")
    assert replica == (file == "web.yaml")
    own = {each["name"] for each in container(file)["env"]} - SETTINGS
    assert own == {"DB_PASSWORD"}


def test_every_secret_that_is_named_is_one_to_fill_in_or_one_that_is_made() -> None:
    there = dict(MADE)
    for _, secret in kinds("secret.example.yaml"):
        there[secret["metadata"]["name"]] = set(secret["stringData"])
        assert set(secret["stringData"].values()) == {""}, "an example holds no value"
    for file in PODS:
        for each in container(file)["env"]:
            if "valueFrom" in each:
                named = each["valueFrom"]["secretKeyRef"]
                assert named["key"] in there[named["name"]]
    store = thing("database-backup.yaml", "ObjectStore")["spec"]["configuration"]
    for named in store["s3Credentials"].values():
        assert named["key"] in there[named["name"]]
    (cluster,) = (each for kind, each in kinds("database.yaml") if kind == "Cluster")
    assert set(MADE) == {f"{cluster['metadata']['name']}-app"}
    (plugin,) = cluster["spec"]["plugins"]
    (made,) = (each for kind, each in kinds("database-backup.yaml") if kind == "ObjectStore")
    assert plugin["parameters"]["barmanObjectName"] == made["metadata"]["name"]


def test_what_answers_is_asked_where_it_says_how_it_is() -> None:
    only = container("web.yaml")
    (port,) = only["ports"]
    assert str(port["containerPort"]) == image_environment()["CONVOKE_PORT"]
    asked = {
        name: (only[name]["httpGet"]["path"], only[name]["httpGet"]["port"])
        for name in ("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert asked == {
        "startupProbe": (HEALTHZ, port["name"]),
        "readinessProbe": (READYZ, port["name"]),
        "livenessProbe": (HEALTHZ, port["name"]),
    }


def test_a_pod_is_given_the_time_to_leave_that_it_takes() -> None:
    drain = float(given("web.yaml")["CONVOKE_DRAIN_SECONDS"])
    assert pod("web.yaml")["spec"]["terminationGracePeriodSeconds"] >= drain + 30
    probe = container("web.yaml")["readinessProbe"]
    assert drain > probe["periodSeconds"] * probe["failureThreshold"]


def test_one_pod_at_least_answers_whatever_is_done_to_the_cluster() -> None:
    deployment = thing("web.yaml", "Deployment")["spec"]
    assert deployment["replicas"] >= 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert thing("web.yaml", "PodDisruptionBudget")["spec"]["minAvailable"] >= 1


def test_who_selects_pods_selects_those_that_there_are() -> None:
    labels = [pod(file)["metadata"]["labels"] for file in PODS]
    labels += [{"cnpg.io/cluster": thing("database.yaml", "Cluster")["metadata"]["name"]}]
    labels += [{"acme.cert-manager.io/http01-solver": "true"}]  # cert-manager's own
    for kind, found in everything():
        spec = found.get("spec", {})
        for wanted in (spec.get("selector"), spec.get("podSelector")):
            if wanted:
                match = wanted.get("matchLabels", wanted)
                assert any(match.items() <= each.items() for each in labels), f"{kind}: {match}"
    deployment = thing("web.yaml", "Deployment")["spec"]
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]


def test_the_ingress_leads_to_the_hub_by_its_name() -> None:
    ingress, service = thing("ingress.yaml", "Ingress"), thing("web.yaml", "Service")
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["path"] == "/"
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]
    (port,) = service["spec"]["ports"]
    assert path["backend"]["service"]["port"]["name"] == port["name"]
    assert port["targetPort"] == container("web.yaml")["ports"][0]["name"]
    assert f"https://{rule['host']}" == given("web.yaml")["CONVOKE_BASE_URL"]
    assert ingress["spec"]["tls"][0]["hosts"] == [rule["host"]]


def test_nobody_is_reached_who_is_not_named() -> None:
    (everybody,) = (
        found for kind, found in kinds("network.yaml") if found["spec"]["podSelector"] == {}
    )
    assert everybody["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    (answering,) = (
        found
        for _, found in kinds("network.yaml")
        if found["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
        == "web"
    )
    (way_in,) = answering["spec"]["ingress"]
    assert [str(each["port"]) for each in way_in["ports"]] == [image_environment()["CONVOKE_PORT"]]


def test_a_change_that_was_answered_is_on_two_machines() -> None:
    spec = thing("database.yaml", "Cluster")["spec"]
    wanted = spec["postgresql"]["synchronous"]
    assert (wanted["number"], wanted["dataDurability"]) == (1, "required")
    assert wanted["failoverQuorum"] is True
    assert spec["instances"] >= 3
    # Those of convoke-web while it is replaced, each with its pools, and the rest for others.
    found = read_settings(given("web.yaml"))
    each = found.pool.size + found.pool.overflow + found.pool.answering + 2
    pods = thing("web.yaml", "Deployment")["spec"]["replicas"] + 1
    assert each * pods <= int(spec["postgresql"]["parameters"]["max_connections"]) / 2


def test_the_manual_names_what_there_is() -> None:
    text = page("docs/operating.md").text
    names = {found["metadata"]["name"] for kind, found in everything() if "metadata" in found}
    for line in page("docs/operating.md").shell_lines():
        words = line.split()
        if words[0] != "kubectl":
            continue
        for word in words:
            kind, _, name = word.partition("/")
            if name and kind == "deployment":
                assert name in names, line
            elif name and kind == "job":
                assert name in names or f"create job --from=cronjob/convoke-backup {name}" in text
            elif word.startswith("deploy/"):
                assert (DEPLOY.parent / word).exists(), line
    assert "job/convoke-restore" in text
    assert thing("restore.yaml", "Job")["metadata"]["namespace"] == "convoke"
