"""Extract the schema of the Google Terraform provider, as far as terraform/ uses it.

The provider's own schema comes out of `terraform init`, which needs the provider's download. The
wheel of pulumi-gcp carries the same names and types, because it is generated from the provider:
major version 10 of the wheel is made from major version 8 of the provider. This tool reads the
wheel as a zip, without installing it, and keeps the part that tests/terraform needs.

    python -m tools.provider_schema <pulumi_gcp-10.*.whl>       rewrites tests/terraform/provider.json

Run it when terraform/ gains a resource type, or when the provider's major version changes:
`pip download --no-deps 'pulumi-gcp==10.*' -d <folder>` brings the wheel.
"""

import ast
import json
import re
import sys
import zipfile
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
    "project": "projects",
    "secret_manager": "secretmanager",
    "service_account": "serviceaccount",
    "service_networking": "servicenetworking",
}
# Types whose class's name does not follow from the resource's.
CLASSES = {
    "google_bigquery_table_iam_member": ("bigquery", "IamMember"),
    "google_service_account": ("serviceaccount", "Account"),
}
# Deeper than this no block of ours goes; the provider's own recursion (rules in rules) ends here.
DEPTH_MAX = 8
PLAIN = {"str": "string", "int": "number", "float": "number", "bool": "bool"}


class Wheel:
    """The wheel's classes, parsed module by module when they are first asked for."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.version = path.name.split("-")[1]
        self.modules: dict[str, dict[str, ast.ClassDef]] = {}

    def classes(self, module: str) -> dict[str, ast.ClassDef]:
        """Return the classes of one module of the wheel, by name in lower case."""
        if module not in self.modules:
            names = [n for n in self.archive.namelist() if re.fullmatch(rf"pulumi_gcp/{module}/\w+\.py", n)]
            trees = [ast.parse(self.archive.read(name)) for name in names if not name.endswith("outputs.py")]
            found = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
            # The wheel writes IAM, Iam, URL and Url as it likes.
            self.modules[module] = {node.name.lower(): node for node in found}
        return self.modules[module]

    def block(self, module: str, name: str, depth: int = 0) -> dict[str, Any]:
        """Return {"required": [...], "arguments": {name: type}} of the class `name`."""
        initialiser = next(
            node
            for node in self.classes(module)[name.lower()].body
            if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        )
        pairs = list(zip(initialiser.args.kwonlyargs, initialiser.args.kw_defaults, strict=True))
        return {
            "required": sorted(argument.arg for argument, default in pairs if default is None),
            "arguments": {argument.arg: self.type_of(module, argument, depth) for argument, _ in pairs},
        }

    def type_of(self, module: str, argument: ast.arg, depth: int) -> Any:
        """Return an argument's type as Terraform writes it in JSON, or its block."""
        text = ast.unparse(argument.annotation or ast.Constant(""))
        many = "Sequence[" in text
        nested = re.search(r"'(\w+Args)'", text)
        if nested is not None:
            return {"many": many, **self.block(module, nested.group(1), depth + 1)} if depth < DEPTH_MAX else "dynamic"
        plain = next((ours for theirs, ours in PLAIN.items() if f"_builtins.{theirs}]" in text), "dynamic")
        if "Mapping[" in text:
            return ["map", plain]
        return ["list", plain] if many else plain


def place(kind: str) -> tuple[str, str]:
    """Return the wheel's module and class for a resource type, e.g. google_pubsub_topic."""
    if kind in CLASSES:
        return CLASSES[kind]
    rest = kind.removeprefix("google_")
    product = max((p for p in MODULES if rest.startswith(p + "_")), key=len, default=rest.split("_", 1)[0])
    return MODULES.get(product, product), "".join(rest.removeprefix(product + "_").split("_"))


def used_types() -> list[str]:
    """Return every resource type of the provider that terraform/*.tf declares, once."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "terraform").glob("*.tf")]
    declared = {kind.strip('"') for text in texts for block in hcl2.loads(text).get("resource", []) for kind in block}
    return sorted(kind for kind in declared if kind.startswith("google_"))


def extract(wheel: Wheel, kind: str) -> dict[str, Any]:
    """Return a resource type's arguments, and the attributes that only the provider fills in."""
    module, name = place(kind)
    arguments = wheel.block(module, f"{name}Args")
    state = wheel.block(module, f"_{name}State", DEPTH_MAX)["arguments"]
    return {**arguments, "computed": {key: state[key] for key in state if key not in arguments["arguments"]}}


def text(document: dict[str, Any]) -> str:
    """Return the extract as JSON with one resource type per line, so that a change of one shows as one."""
    resources = document["resources"].items()
    lines = [f'"{kind}":{json.dumps(schema, separators=(",", ":"), sort_keys=True)}' for kind, schema in resources]
    return f'{{"source":{json.dumps(document["source"])},"resources":{{\n' + ",\n".join(lines) + "\n}}\n"


def main() -> None:
    """Write the extract of the wheel named on the command line."""
    wheel = Wheel(Path(sys.argv[1]))
    resources = {kind: extract(wheel, kind) for kind in used_types()}
    document = {"source": f"pulumi-gcp {wheel.version}, made from provider 8.x", "resources": resources}
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(document), encoding="utf-8")
    print(f"{len(resources)} resource types → {TARGET.relative_to(ROOT)}, {TARGET.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
