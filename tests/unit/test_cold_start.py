"""What a deployment imports before its first request; each SDK costs a waiting person 170 to 400 ms."""

import json
import os
import subprocess
import sys

import pytest

from emulators.environment import ROOT, Stack, deployments

SDKS = {
    "firestore": "google.cloud.firestore_v1",
    "pubsub": "google.cloud.pubsub_v1",
    "bigquery": "google.cloud.bigquery",
    "the connector": "google.cloud.sql.connector",
    "grpc": "grpc",
    "requests": "requests",
    "pydantic": "pydantic",
    "sqlalchemy": "sqlalchemy",
    "firebase": "firebase_admin",
}
LOAD = """
import json, sys, functions_framework
functions_framework.create_app(sys.argv[1], sys.argv[2])
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("name", sorted(deployments()))
def test_a_deployment_loads_no_sdk_that_it_does_not_use(name, secrets):
    """One that uses Google's stores may load their clients; the connector waits for the first cloud connection."""
    described = deployments()[name]
    stack = Stack(
        secrets, database_port=1, firestore="127.0.0.1:1", pubsub="127.0.0.1:1", bigquery="http://127.0.0.1:1"
    )
    source = ROOT / "functions" / described["folder"] / "main.py"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **stack.of(name)}
    command = [sys.executable, "-c", LOAD, described["entry_point"], str(source)]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert answer.returncode == 0, answer.stderr
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    allowed = {*described["google"], *(["grpc", "requests"] if described["google"] else [])}
    assert {sdk for sdk, module in SDKS.items() if module in loaded} <= allowed
