"""The deployment as Terraform plans it, for both environments, on a provider of paper."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.terraform import paper

ROOT = Path(__file__).resolve().parents[2]
VARIABLES = """
project_id      = "wallet-test"
environment     = "{environment}"
domain          = "wallet.example.id"
alert_email     = "on-call@example.id"
billing_account = "012345-6789AB-CDEF01"
repository      = "example/e-wallet-lite"
"""
READ_BY_TERRAFORM = ["openapi.yaml", "functions/deployments.json", "web/site.json"]


class Planned:
    """What a plan would create: its resources by type, with the values that are known before apply."""

    def __init__(self, environment: str, plan: dict[str, Any]) -> None:
        self.environment = environment
        self.resources = plan["planned_values"]["root_module"]["resources"]

    def of(self, kind: str, name: str | None = None) -> dict[Any, dict[str, Any]]:
        """Return the resources of one type (and name): index → values."""
        found = [r for r in self.resources if r["type"] == kind and (name is None or r["name"] == name)]
        return {r["index"] if "index" in r and name else r["address"]: r["values"] for r in found}


def lay_out(folder: Path) -> Path:
    """Copy what Terraform reads into `folder`, package the functions, and return the Terraform root there."""
    shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=shutil.ignore_patterns(".terraform*", "*.tfvars"))
    shutil.copytree(ROOT / "docs" / "runbooks", folder / "docs" / "runbooks")
    for name in READ_BY_TERRAFORM:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    deployments = json.loads((ROOT / "functions" / "deployments.json").read_text())
    zips = {d["folder"]: f"build/functions/{d['folder']}-0.zip" for d in deployments.values()}
    manifest = {"functions": zips, "migrate": {"folder": "build/migrate", "hash": "0123456789ab"}}
    (folder / "build").mkdir()
    (folder / "build" / "manifest.json").write_text(json.dumps(manifest))
    for name in ("index.html", "index.html.br", "assets/main-1.js"):
        (folder / "web" / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "web" / "dist" / name).write_text("E-Wallet Lite")
    (folder / "terraform" / "override.tf").write_text('terraform {\n  backend "local" {}\n}\n')
    return folder / "terraform"


@pytest.fixture(scope="session")
def terraform() -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run terraform in a folder with the provider of paper."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    with paper.running() as attached:
        environment = {**os.environ, **attached, "TF_CLI_CONFIG_FILE": "/dev/null", "CHECKPOINT_DISABLE": "1"}

        def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
            command = ["terraform", *words]
            return subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
            )

        yield run


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory, terraform: Callable[..., Any]) -> Path:
    """A copy of the Terraform root, initialised."""
    folder = lay_out(tmp_path_factory.mktemp("deployment"))
    started = terraform(folder, "init", "-input=false", "-no-color")
    assert started.returncode == 0, started.stderr
    return folder


@pytest.fixture(scope="session")
def plan(root: Path, terraform: Callable[..., Any]) -> Callable[[str], Planned]:
    """Plan an empty project, once for each environment: it takes 3 s, and pytest forgets a parameter at its change."""

    @cache
    def planned_for(environment: str) -> Planned:
        (root / "terraform.tfvars").write_text(VARIABLES.format(environment=environment))
        done = terraform(root, "plan", "-input=false", "-no-color", "-lock=false", "-out=plan")
        assert done.returncode == 0, done.stderr
        shown = terraform(root, "show", "-json", "plan")
        return Planned(environment, json.loads(shown.stdout))

    return planned_for


@pytest.fixture(scope="session", params=["dev", "prod"])
def planned(request: pytest.FixtureRequest, plan: Callable[[str], Planned]) -> Planned:
    """The plan of an empty project, for each environment in turn."""
    return plan(request.param)
