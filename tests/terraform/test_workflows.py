"""The hosted CI calls the Makefile's targets, holds no key, and may do no more than its jobs need."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import hcl2
import pytest
import yaml

from tests.terraform.conftest import ROOT

WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").glob("*.yml")
}
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
SUPPORTED = ["3.11", "3.12", "3.13"]


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    """Return the steps of all jobs of a workflow."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_targets_of_the_makefile_alone(name: str) -> None:
    """What the CI does, anyone can do by hand: a step is an action, a target, or .ci/run."""
    for step in steps(WORKFLOWS[name]):
        command = step.get("run", ".ci/run")
        target = re.match(r"make ([a-z-]+)\b", command)
        assert command == ".ci/run" or (target and target[1] in TARGETS), command
        assert "\n" not in command.strip()


def test_the_workflows_conform_to_githubs_schema() -> None:
    """A misspelt key would be refused only by the push that needs the workflow."""
    folder = ROOT / ".github" / "workflows"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    checked = subprocess.run(
        [*command, *map(str, folder.glob("*.yml"))], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_holds_no_key(name: str) -> None:
    """No stored secret: a short-lived token of the workflow is exchanged for the deployer's account."""
    text = (ROOT / ".github" / "workflows" / name).read_text()
    assert "secrets." not in text
    assert "credentials_json" not in text
    assert WORKFLOWS[name]["permissions"].items() <= {"contents": "read", "id-token": "write"}.items()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_that_a_stranger_writes_becomes_a_command(name: str) -> None:
    """Titles, branch names and typed inputs are put into no command line."""
    for step in steps(WORKFLOWS[name]):
        assert not re.search(r"\$\{\{\s*(github\.event|github\.head_ref|inputs\.)", step.get("run", ""))


def test_what_a_person_types_reaches_the_tool_as_one_word(tmp_path: Path) -> None:
    """A service's name that is a command, to the shell or to make, is one argument of the rollback and nothing else."""
    shown, ran = tmp_path / "shown", tmp_path / "ran"
    python = tmp_path / "python"
    python.write_text(f'#!{sys.executable}\nimport json, sys\nopen("{shown}", "w").write(json.dumps(sys.argv[1:]))\n')
    python.chmod(0o755)
    typed = f'a; touch {ran} $(touch {ran}) $(shell touch {ran}) "; touch {ran}'
    environment = os.environ | {"PROJECT": "p", "REGION": "r", "SERVICE": typed, "SINCE": "2026-11-22T09:41:00Z"}
    command = ["make", "--no-print-directory", "-o", "install", "rollback", f"PYTHON={python}"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=60)

    assert json.loads(shown.read_text())[2:] == ["--project=p", "--region=r", "--since=2026-11-22T09:41:00Z", typed]
    assert not ran.exists()


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_ends_and_an_action_is_pinned(name: str) -> None:
    """Every job has a time limit, and every action is one commit: a tag can be moved to another's code."""
    for job in WORKFLOWS[name]["jobs"].values():
        assert job["timeout-minutes"] <= 180
    for step in steps(WORKFLOWS[name]):
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])


def test_an_action_is_the_same_commit_everywhere_and_says_which_release_it_is() -> None:
    """Whoever raises one raises all of them, and a reader sees a version instead of forty digits."""
    texts = [path.read_text() for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    pins = [pin for text in texts for pin in re.findall(r"uses: ([\w./-]+)@(.*)", text)]
    assert all(re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", pin) for _, pin in pins)
    assert len(set(pins)) == len({action for action, _ in pins})


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_checkout_leaves_its_token_behind(name: str) -> None:
    """What a later step builds or uploads cannot hold the job's own token."""
    for step in steps(WORKFLOWS[name]):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_a_right_is_given_to_a_job_and_not_to_a_workflow() -> None:
    """A workflow may read the code; only the jobs that speak to Google may ask for a token, in an environment."""
    for workflow in WORKFLOWS.values():
        assert workflow["permissions"] == {"contents": "read"}
        for job in workflow["jobs"].values():
            assert ("id-token" in job.get("permissions", {})) == ("environment" in job)


def test_the_scan_of_terraform_skips_nothing_without_a_reason() -> None:
    """Each skipped rule of checkov stands once, with a sentence behind it."""
    text = (ROOT / "terraform" / ".checkov.yaml").read_text()
    skipped = re.findall(r"^  - (\S+)(.*)$", text, re.MULTILINE)
    assert [rule for rule, reason in skipped if len(reason.split()) < 4] == []
    assert len({rule for rule, _ in skipped}) == len(skipped) == len(yaml.safe_load(text)["skip-check"])


def test_every_supported_python_is_tested() -> None:
    """The matrix is 3.11 to 3.13, and the environment is made with the one that was set up."""
    job = WORKFLOWS["check.yml"]["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == SUPPORTED
    assert job["env"]["BOOTSTRAP_PYTHON"] == "python"


def defaults() -> dict[str, Any]:
    """Return what terraform/variables.tf declares for people to set: each name and its default."""
    declared = hcl2.loads((ROOT / "terraform" / "variables.tf").read_text())["variable"]
    plain = {name.strip('"'): body for one in declared for name, body in one.items()}
    # What `make deploy` finds out for itself.
    return {name: body.get("default") for name, body in plain.items() if name != "secret_versions"}


@pytest.mark.parametrize(("name", "job"), [("check.yml", "plan"), ("deploy.yml", "deploy")])
def test_the_hosted_ci_says_every_variable_of_terraform(name: str, job: str) -> None:
    """What a person wrote into terraform.tfvars is not undone by the next release: each is passed, with its default."""
    given = WORKFLOWS[name]["jobs"][job]["env"]
    passed = {key.removeprefix("TF_VAR_"): value for key, value in given.items() if key.startswith("TF_VAR_")}
    assert passed.keys() == defaults().keys()
    for variable, default in defaults().items():
        otherwise = re.search(r"vars\.\w+ \|\| '(.*)'", passed[variable])
        if otherwise:
            assert otherwise[1] == str(default).strip('"').lower(), variable
        else:
            assert default in (None, '""'), variable


def test_nothing_is_planned_where_no_project_is_named() -> None:
    """A repository without a project of its own checks its pull requests all the same."""
    assert {step.get("if") for step in WORKFLOWS["check.yml"]["jobs"]["plan"]["steps"]} == {"vars.PROJECT != ''"}


def test_the_containers_run_the_clouds_postgres() -> None:
    """Its major version is that of database.tf."""
    database = (ROOT / "terraform" / "database.tf").read_text()
    major = re.search(r'database_version = "POSTGRES_(\d+)"', database)
    assert major
    assert f"image: postgres:{major[1]}-" in (ROOT / "emulator-compose.yml").read_text()


def test_a_deployment_is_smoke_tested_and_goes_back_when_it_fails() -> None:
    """After the deployment the main job is walked over the public address; its failure moves traffic back."""
    (job,) = WORKFLOWS["deploy.yml"]["jobs"].values()
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [command.split()[1] for command in commands] == ["deploy", "demo", "rollback"]
    (rollback,) = [step for step in job["steps"] if step.get("run", "").startswith("make rollback")]
    assert rollback["if"] == "failure() && steps.smoke.outcome == 'failure'"
    assert rollback["env"]["SINCE"] == "${{ steps.deploy.outputs.began }}"
    assert [step["id"] for step in job["steps"] if step.get("run") == "make deploy"] == ["deploy"]
    assert job["environment"] == "${{ inputs.environment || 'prod' }}"
