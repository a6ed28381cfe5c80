"""Plan or deploy the project that terraform/terraform.tfvars (or TF_VAR_… of the hosted CI) names.

    python -m tools.deploy plan        shows what would change
    python -m tools.deploy deploy      changes it, after asking; with CI=true it does not ask

One command from an empty project: it makes the bucket of Terraform's state and switches on the few
APIs that Terraform itself needs to switch on the others. Run it through `make plan` and
`make deploy`, which package the functions and build the site first.
"""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import hcl2

from tools import secrets

ROOT = Path(__file__).resolve().parent.parent
TERRAFORM = ROOT / "terraform"
VARIABLES = TERRAFORM / "terraform.tfvars"
# Without these Terraform can neither keep its state nor ask which APIs are on.
FIRST_APIS = ["cloudresourcemanager", "iam", "serviceusage", "storage"]
REGION_DEFAULT = "asia-southeast2"


def setting(name: str, default: str | None = None) -> str:
    """Return a Terraform variable from the environment or terraform.tfvars; exits naming the one that is missing."""
    known = hcl2.loads(VARIABLES.read_text(encoding="utf-8")) if VARIABLES.exists() else {}
    value = os.environ.get(f"TF_VAR_{name}") or str(known.get(name, "")).strip('"') or default
    if not value:
        sys.exit(
            f"{name} is not set: copy terraform/terraform.tfvars.example to terraform/terraform.tfvars, fill it in"
        )
    return value


def run(*command: str) -> None:
    """Run a command in the Terraform root, and stop where it fails."""
    done = subprocess.run(command, cwd=TERRAFORM, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def make_state_bucket(project: str, region: str) -> str:
    """Return the bucket of the state, made (with old versions kept) where it is missing."""
    bucket = f"{project}-terraform"
    address = f"gs://{bucket}"
    # In an empty project the storage API is still off, and gcloud would ask, unseen, whether to switch it on.
    look = ["gcloud", "storage", "buckets", "describe", address, "--quiet"]
    looked = subprocess.run(look, capture_output=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    if looked.returncode:
        apis = [f"{name}.googleapis.com" for name in FIRST_APIS]
        run("gcloud", "services", "enable", *apis, f"--project={project}")
        place = [f"--project={project}", f"--location={region}"]
        run("gcloud", "storage", "buckets", "create", address, *place, "--uniform-bucket-level-access", "--pap")
        run("gcloud", "storage", "buckets", "update", address, "--versioning")
    return bucket


def tell_beginning() -> None:
    """Say when the deployment begins (`make rollback SINCE=` takes it), and tell a hosted job's later steps."""
    began = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    print(f"The deployment begins at {began}", flush=True)
    if outputs := os.environ.get("GITHUB_OUTPUT"):
        with Path(outputs).open("a", encoding="utf-8") as file:
            file.write(f"began={began}\n")


def main() -> None:
    """Do what the command line says."""
    action = sys.argv[1] if len(sys.argv) > 1 else "plan"
    project, region = setting("project_id"), setting("region", REGION_DEFAULT)
    bucket = make_state_bucket(project, region)
    run("terraform", "init", "-input=false", f"-backend-config=bucket={bucket}", "-backend-config=prefix=wallet")
    known = secrets.newest(project)
    if missing := set(secrets.names()) - known.keys():
        print(f"Without a version that could be seen, and so read as latest: {', '.join(sorted(missing))}", flush=True)
    versions = f"-var=secret_versions={json.dumps(known)}"
    if action == "plan":
        run("terraform", "plan", "-input=false", versions)
        return
    tell_beginning()
    answer = ["-auto-approve", "-input=false"] if os.environ.get("CI") else []
    run("terraform", "apply", versions, *answer)
    print(f"\nDeployed. Point the A record of {setting('domain')} at the address above; the certificate follows.")


if __name__ == "__main__":
    main()
