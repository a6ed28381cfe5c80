"""Terraform accepts the whole deployment, and would refuse what is wrong in it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terraform.conftest import ROOT, VARIABLES, Planned

Run = Callable[..., subprocess.CompletedProcess[str]]

# One slip of each kind that a reviewer would miss: file, what stands there, what is put instead, what Terraform says.
SLIPS = [
    ("pubsub.tf", "ack_deadline_seconds       =", "ack_deadline =", "Unsupported argument"),
    ("site.tf", "path_template_rewrite =", "path_template_rewriting =", "Unsupported argument"),
    ("database.tf", "backup_configuration {", "backups {", "Unsupported block type"),
    ("database.tf", 'database_version = "POSTGRES_17"', "", "Missing required argument"),
    ("firestore.tf", 'resource "google_firestore_database"', 'resource "google_firestore_data_base"', "resource type"),
    ("scheduler.tf", "local.schedules", "local.schedule", "undeclared local value"),
    ("network.tf", "prefix_length = 20", 'prefix_length = "twenty"', "Incorrect attribute value type"),
    (
        "network.tf",
        "depends_on = [google_project_service.default]",
        "depends_on = [google_cloudfunctions2_function.default]",
        "Cycle",
    ),
]


def test_every_file_is_formatted() -> None:
    """The formatter of Terraform finds nothing to change."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    command = ["terraform", "fmt", "-check", "-recursive", "terraform"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_an_empty_project_can_be_planned(planned: Planned) -> None:
    """Both environments plan without an error, and every file contributes."""
    declared = {line.split('"')[1] for path in (ROOT / "terraform").glob("*.tf") for line in _resources(path)}
    skipped = (
        {"google_compute_security_policy", "google_firestore_backup_schedule"}
        if planned.environment == "dev"
        else set()
    )
    assert {resource["type"] for resource in planned.resources} == declared - skipped


@pytest.mark.parametrize(("file", "old", "new", "said"), SLIPS, ids=[said for *_, said in SLIPS])
def test_a_slip_is_refused(
    root: Path, terraform: Run, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    """Names, types, references and cycles are checked by Terraform itself: a slip in any of them fails."""
    folder = tmp_path / "deployment"
    shutil.copytree(root.parent, folder)
    path = folder / "terraform" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    done = terraform(folder / "terraform", "validate", "-no-color")

    assert done.returncode == 1
    assert said in done.stderr


def test_a_budget_in_another_currency_is_a_whole_number(root: Path, terraform: Run) -> None:
    """Forty dollars at 0.92 are 36 units: the API takes no fraction."""
    (root / "terraform.tfvars").write_text(VARIABLES.format(environment="dev"))
    done = terraform(root, "plan", "-input=false", "-no-color", "-lock=false", "-var=budget_rate=0.92", "-out=euro")
    assert done.returncode == 0, done.stderr
    planned = Planned("dev", json.loads(terraform(root, "show", "-json", "euro").stdout))
    (budget,) = planned.of("google_billing_budget").values()
    assert budget["amount"][0]["specified_amount"][0]["units"] == "36"


def test_what_a_person_fills_in_is_not_committed() -> None:
    """The file of somebody's own project is ignored, as its example says; the lock of the providers is not."""
    ignored = (ROOT / ".gitignore").read_text().split()
    assert "*.tfvars" in ignored
    assert [pattern for pattern in ignored if "lock.hcl" in pattern] == []


def _resources(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.startswith("resource ")]
