"""The map of deployments, the folders of functions/ and what their code asks for are one and the same."""

import ast
import json
import math
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Request
from werkzeug.test import EnvironBuilder

from shared import trace
from tests.terraform.conftest import ROOT, Planned
from tools import package

DEPLOYMENTS: dict[str, dict[str, Any]] = json.loads((ROOT / "functions" / "deployments.json").read_text())
FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/main.py"))
# Set by the machine that runs the function, or implied by a deployment's database role or services.
IMPLIED = {
    "database": {"DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_USER", "DATABASE_PASSWORD"}
    | {"DATABASE_POOL_SIZE", "DATABASE_INSTANCE"},
    "local": {"CLOCK_OFFSET_SECONDS_FILE", "PASSWORD_COST", "PIN_COST"},
    "emulators": {"FIRESTORE_EMULATOR_HOST", "PUBSUB_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST"},
    # Read on behalf of callers with a token; the shared path of a request is in every zip, callers are not.
    "callers": {"TOKEN_ISSUER", "JWKS_URL", "FORWARDED_HOPS"},
    "platform": {"K_SERVICE", "FUNCTION_TARGET", "GOOGLE_CLOUD_PROJECT", "ENVIRONMENT", "THREADS"},
}
KNOWN = {name for d in DEPLOYMENTS.values() for name in d["environment"] + d["secrets"]}.union(*IMPLIED.values())
SDKS = {
    "google.cloud.firestore": "firestore",
    "google.cloud.pubsub": "pubsub",
    "google.pubsub": "pubsub",
    "google.cloud.bigquery": "bigquery",
}


def sources(folder: str) -> list[Path]:
    """Return the modules that a zip of this folder holds."""
    own = [path for path in package.own_files(ROOT / "functions" / folder) if path.suffix == ".py"]
    return own + package.shared_files(own)


def settings_asked_for(folder: str) -> set[str]:
    """Return the settings that a folder's code names: what it requires, and every known name in quotes."""
    text = "\n".join(path.read_text() for path in sources(folder))
    required = set(re.findall(r"config\.(?:require|optional)\(\s*[\"']([A-Z_]+)", text))
    return required | {name for name in re.findall(r"[\"']([A-Z][A-Z_]+)[\"']", text) if name in KNOWN}


def test_every_folder_is_deployed() -> None:
    """Each folder of functions/ stands in the map, and the map names no other."""
    assert sorted({deployment["folder"] for deployment in DEPLOYMENTS.values()}) == FOLDERS


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_the_entry_point_is_defined(name: str) -> None:
    """main.py defines the function that the map names as its entry point, and the name says both."""
    deployment = DEPLOYMENTS[name]
    tree = ast.parse((ROOT / "functions" / deployment["folder"] / "main.py").read_text())
    assert deployment["entry_point"] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert name == f"{deployment['folder']}-{deployment['entry_point']}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_settings_and_secrets_are_those_that_the_code_reads(folder: str) -> None:
    """No setting or secret is missing from the map, and none is given that nothing reads."""
    mapped = [deployment for deployment in DEPLOYMENTS.values() if deployment["folder"] == folder]
    given = {name for deployment in mapped for name in deployment["environment"] + deployment["secrets"]}
    given |= IMPLIED["platform"] | IMPLIED["local"]
    if any(deployment["database_role"] for deployment in mapped):
        given |= IMPLIED["database"]
    asked = settings_asked_for(folder)
    needless = given - asked - set().union(*IMPLIED.values())

    assert asked - given - IMPLIED["emulators"] - IMPLIED["callers"] == set()
    assert needless == set()


def test_what_people_call_can_verify_them() -> None:
    """Deployments behind the gateway know issuer and public keys; identity has the keys themselves."""
    for name, deployment in DEPLOYMENTS.items():
        wanted = {"gateway": IMPLIED["callers"], "public": {"FORWARDED_HOPS"}}.get(deployment["trigger"], set())
        wanted = wanted - {"JWKS_URL"} if name == "identity-api" else wanted
        assert wanted == IMPLIED["callers"] & set(deployment["environment"]), name


@pytest.mark.parametrize("folder", FOLDERS)
def test_services_are_those_that_the_code_imports(folder: str) -> None:
    """A folder that imports a Google library says so in the map, which decides its rights; and the reverse."""
    names = {name for path in sources(folder) for name in package.requirements.imports(path)}
    imported = {service for sdk, service in SDKS.items() if any(name.startswith(sdk) for name in names)}
    mapped = {service for d in DEPLOYMENTS.values() if d["folder"] == folder for service in d["google"]}
    assert imported == mapped


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_database_role_is_given_where_sql_is_run(folder: str) -> None:
    """Exactly the folders whose code reaches the connection pool have a role in the database."""
    uses = any(path.name == "pool.py" for path in sources(folder))
    mapped = {bool(d["database_role"]) for d in DEPLOYMENTS.values() if d["folder"] == folder}
    assert uses == (True in mapped)


def test_a_deployment_answers_within_the_gateways_deadline() -> None:
    """A function is given exactly as long as the gateway waits for it."""
    specification = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    backends = specification["x-google-api-management"]["backends"]
    assert {name: DEPLOYMENTS[name]["timeout_seconds"] for name in backends} == {
        name: math.floor(backend["deadline"]) for name, backend in backends.items()
    }


def test_each_deployment_is_planned_as_the_map_says(planned: Planned) -> None:
    """Source, entry point, account, memory, concurrency, threads and secrets come from the map."""
    functions = planned.of("google_cloudfunctions2_function", "default")
    assert functions.keys() == DEPLOYMENTS.keys()
    for name, function in functions.items():
        service, deployment = function["service_config"][0], DEPLOYMENTS[name]
        assert function["build_config"][0]["entry_point"] == deployment["entry_point"]
        assert service["available_memory"] == f"{deployment['memory_mib']}Mi"
        assert service["max_instance_request_concurrency"] == deployment["concurrency"]
        assert service["environment_variables"]["THREADS"] == str(deployment["concurrency"])
        assert {entry["key"] for entry in service["secret_environment_variables"]} == set(deployment["secrets"])
        assert float(service["available_cpu"]) >= 1 or deployment["concurrency"] == 1


def test_the_caller_is_found_behind_the_load_balancer_and_the_gateway(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Throttles count the address that the load balancer saw: not its own, and not what a caller forged before it."""
    (service,) = planned.of("google_cloudfunctions2_function", "default")["identity-api"]["service_config"]
    monkeypatch.setenv("FORWARDED_HOPS", service["environment_variables"]["FORWARDED_HOPS"])
    forged, caller, balancer, gateway = "192.0.2.66", "203.0.113.7", "34.110.1.2", "169.254.1.1"
    chain = {"X-Forwarded-For": f"{forged}, {caller}, {balancer}, {gateway}"}
    places = runpy.run_path(str(ROOT / "functions/identity/places.py"))
    assert places["source_of"](Request(EnvironBuilder(headers=chain).get_environ())) == f"{caller}/32"


def test_every_deployment_sends_its_traces(planned: Planned) -> None:
    """Each is told Google's OTLP endpoint under OpenTelemetry's own name, may write there, and its API is on."""
    for name, function in planned.of("google_cloudfunctions2_function", "default").items():
        (service,) = function["service_config"]
        assert service["environment_variables"][trace.ENDPOINT] == "https://telemetry.googleapis.com/v1/traces", name
        assert trace.SAMPLER not in service["environment_variables"], "Google's front end decides what is sampled"
    assert "telemetry.googleapis.com" in planned.of("google_project_service", "default")


def test_the_databases_connections_suffice(planned: Planned) -> None:
    """All instances with full pools take at most 80 % of the connections that the database allows."""
    (database,) = planned.of("google_sql_database_instance").values()
    flags = {flag["name"]: flag["value"] for flag in database["settings"][0]["database_flags"]}
    wanted = 0
    for name, function in planned.of("google_cloudfunctions2_function", "default").items():
        service = function["service_config"][0]
        pool = service["environment_variables"].get("DATABASE_POOL_SIZE", "0")
        assert DEPLOYMENTS[name]["database_role"] or pool == "0"
        wanted += service["max_instance_count"] * int(pool)
    assert 0 < wanted <= 0.8 * int(flags["max_connections"])


def test_the_subnetwork_has_an_address_for_every_instance(planned: Planned) -> None:
    """Two addresses per instance, and three deployments in a row fit into the functions' subnetwork."""
    (subnetwork,) = planned.of("google_compute_subnetwork").values()
    bits = int(subnetwork["ip_cidr_range"].partition("/")[2])
    functions = planned.of("google_cloudfunctions2_function", "default")
    instances = sum(
        function["service_config"][0]["max_instance_count"]
        for name, function in functions.items()
        if DEPLOYMENTS[name]["database_role"]
    )
    assert 3 * 2 * instances <= 2 ** (32 - bits) - 4


def test_a_secrets_version_is_the_deployments_to_say() -> None:
    """No function is left with the word latest where a version is known: an instance would keep what it read."""
    source = (ROOT / "terraform" / "functions.tf").read_text()
    assert re.findall(r"^\s*version\s*= (.*)$", source, re.MULTILINE) == [
        'lookup(var.secret_versions, secret_environment_variables.key, "latest")'
    ]
