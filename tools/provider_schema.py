"""Extract the argument names of the Google Terraform provider that terraform/ uses.

The provider's own schema needs `terraform init`, which needs the provider's download. The wheel of
pulumi-gcp carries the same names, because it is generated from the provider: major version 10 of
the wheel is made from major version 8 of the provider. This tool reads the wheel as a zip, without
installing it, and writes the small part that tests/terraform compares every file against.

    python -m tools.provider_schema <pulumi_gcp-10.*.whl>       rewrites tests/terraform/provider.json

Run it when terraform/ gains a resource type, or when the provider's major version changes:
`pip download --no-deps 'pulumi-gcp==10.*' -d <folder>` brings the wheel.
"""

import ast
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "terraform" / "provider.json"

# The provider's name starts with a product, the wheel's with a module; where the two differ, the
# pair stands here. The longest product wins.
MODULES = {
    "api_gateway": "apigateway",
    "artifact_registry": "artifactregistry",
    "cloud_run_v2": "cloudrunv2",
    "cloud_scheduler": "cloudscheduler",
    "cloudfunctions2": "cloudfunctionsv2",
    "iam": "iam",
    "project": "projects",
    "secret_manager": "secretmanager",
    "service_account": "serviceaccount",
    "service_networking": "servicenetworking",
}
# Classes whose name does not follow from the resource's.
CLASSES = {"google_service_account": ("serviceaccount", "Account")}
# Deeper than this no block of ours goes; the provider's own recursion (rules in rules) ends here.
DEPTH_MAX = 8


class Wheel:
    """The wheel's classes, parsed module by module when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.version = path.name.split("-")[1]
        self.modules: dict[str, dict[str, ast.ClassDef]] = {}

    def classes(self, module: str) -> dict[str, ast.ClassDef]:
        """Return every class of one module of the wheel, by name."""
        if module not in self.modules:
            names = [n for n in self.archive.namelist() if re.fullmatch(rf"pulumi_gcp/{module}/\w+\.py", n)]
            trees = [ast.parse(self.archive.read(name)) for name in names if not name.endswith("outputs.py")]
            found = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
            self.modules[module] = {node.name: node for node in found}
        return self.modules[module]

    def named(self, module: str, name: str) -> str:
        """Return the class's own spelling of a name: the wheel writes IAM, Iam, URL and Url as it likes."""
        return next(known for known in self.classes(module) if known.lower() == name.lower())

    def arguments(self, module: str, name: str, depth: int = 0) -> dict[str, Any]:
        """Return {"required": [...], "arguments": {name: None | the same again}} of a class."""
        initialiser = next(
            node
            for node in self.classes(module)[name].body
            if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        )
        pairs = list(zip(initialiser.args.kwonlyargs, initialiser.args.kw_defaults, strict=True))
        return {
            "required": sorted(argument.arg for argument, default in pairs if default is None),
            "arguments": {argument.arg: self.block(module, argument, depth) for argument, _ in pairs},
        }

    def block(self, module: str, argument: ast.arg, depth: int) -> dict[str, Any] | None:
        """Return the arguments of a nested block, or None where the argument is a plain value."""
        nested = re.search(r"'(\w+Args)'", ast.unparse(argument.annotation or ast.Constant("")))
        if nested is None or depth == DEPTH_MAX:
            return None
        return self.arguments(module, nested.group(1), depth + 1)


def place(kind: str) -> tuple[str, str]:
    """Return the wheel's module and class for a resource type, e.g. google_pubsub_topic."""
    if kind in CLASSES:
        return CLASSES[kind]
    rest = kind.removeprefix("google_")
    product = max((p for p in MODULES if rest.startswith(p + "_")), key=len, default=rest.split("_", 1)[0])
    words = rest.removeprefix(product + "_").split("_")
    return MODULES.get(product, product), "".join(words)


def used_types() -> Iterator[str]:
    """Yield every resource type that terraform/*.tf declares, once."""
    seen = set()
    for path in sorted((ROOT / "terraform").glob("*.tf")):
        for block in hcl2.loads(path.read_text()).get("resource", []):
            seen |= {kind.strip('"') for kind in block}
    yield from sorted(kind for kind in seen if kind.startswith("google_"))


def main() -> None:
    """Write the extract of the wheel named on the command line."""
    wheel = Wheel(Path(sys.argv[1]))
    resources = {}
    for kind in used_types():
        module, name = place(kind)
        resources[kind] = wheel.arguments(module, wheel.named(module, name + "Args"))
    extract = {"source": f"pulumi-gcp {wheel.version}, made from provider 8.x", "resources": resources}
    TARGET.write_text(json.dumps(extract, indent=1, sort_keys=True) + "\n")
    print(f"{len(resources)} resource types → {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
