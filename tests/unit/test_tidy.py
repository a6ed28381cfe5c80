"""The house rules that a reviewer would repeat, as tests."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared import sqlstates
from tools import requirements

ROOT = Path(__file__).resolve().parents[2]
IGNORED_FOLDERS = {".git", ".local", "node_modules", "dist", "__pycache__", "build", ".venv"}
BINARY = {".bin", ".png", ".jpg", ".webp", ".ico", ".woff2", ".pdf", ".mjpeg", ".gz", ".br"}

# A function fits in the eye, a module in a sitting.
FUNCTION_LINES_MAX = 40
MODULE_LINES_MAX = 250

# Layers and leftovers are no nouns: such a name says nothing of what is inside.
EMPTY_NAMES = re.compile(r"^(utils?|helpers?|common|managers?|services?|handlers?|base|core|misc|lib)$")

# Each Google SDK costs 170 to 400 ms of cold start and changes its API at its own pace.
SDK_HOMES = {
    "google.cloud.firestore": ["shared/firestore.py"],
    "google.cloud.firestore_v1": ["shared/firestore.py"],
    "google.cloud.pubsub": ["functions/relay/"],
    "google.cloud.pubsub_v1": ["functions/relay/"],
    "google.cloud.bigquery": ["shared/warehouse.py"],
    "google.cloud.sql.connector": ["shared/pool.py"],
}

# Put together here, so that this file holds none of what it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
ADDRESSES = re.compile(
    "|".join(
        [
            "pypi" + r"\.org",
            "pythonhosted" + r"\.org",
            "registry" + r"\.(npmjs|yarnpkg|hub)",
            "npm" + r"mirror",
            "art" + "ifactory",
            "index-" + "url",
            r'"resol' + 'ved":',
            r"(?<![\w.])/(wo" + "rk|ro" + "ot|home/[a-z]+)/",
        ]
    )
)


@cache
def tracked() -> list[Path]:
    """Every file that is, or is about to be, part of the repository."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        found = [ROOT / line for line in answer.stdout.splitlines()]
    else:  # an unpacked archive
        found = [path for path in ROOT.rglob("*") if not IGNORED_FOLDERS & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file())


def under(*folders: str, suffix: str = ".py") -> list[Path]:
    """The tracked files of these folders with this suffix."""
    return [path for path in tracked() if path.suffix == suffix and path.relative_to(ROOT).parts[0] in folders]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def every(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", [pytest.param(path, id=name(path)) for path in paths])


SOURCES = under("functions", "shared", "tools", "emulators")
DEPLOYED = under("functions", "shared")
SQL = under("shared", suffix=".sql")
ROUTINES = [path for path in SQL if path.parent.name == "routines"]
MAINS = [path for path in under("functions") if path.name == "main.py"]
WEB = [path for path in under("web", suffix=".ts") + under("web", suffix=".tsx") if "/src/" in str(path)]
WEB_WRITTEN = [path for path in WEB if "generated" not in str(path) and "/locales/" not in str(path)]
DECISIONS = [path for path in under("docs", suffix=".md") if path.parent.name == "decisions"]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, its docstring aside."""
    total = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        total -= (first.end_lineno or first.lineno) - first.lineno + 1
    return total


class TestSizes:
    @every(SOURCES)
    def test_a_function_fits_in_the_eye(self, path):
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        long = {node.name: code_lines(node) for node in functions if code_lines(node) > FUNCTION_LINES_MAX}
        assert not long

    @every(SOURCES + SQL + WEB_WRITTEN)
    def test_a_module_has_at_most_250_lines(self, path):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_LINES_MAX

    def test_the_first_pages_stay_short(self):
        limits = {"README.md": 150, "README.id.md": 150, "ARCHITECTURE.md": 80, "Makefile": 130, "pyproject.toml": 250}
        for page, most in limits.items():
            assert len((ROOT / page).read_text(encoding="utf-8").splitlines()) <= most, page


class TestNames:
    def test_no_module_is_named_for_a_layer_or_for_nothing(self):
        paths = SOURCES + SQL + [path for path in WEB if "/lib/" not in str(path)] + under("tests")
        assert not [name(path) for path in paths if EMPTY_NAMES.match(path.stem)]

    def test_python_files_are_in_snake_case(self):
        bad = [name(path) for path in SOURCES + under("tests") if not re.fullmatch(r"[a-z0-9_]+", path.stem)]
        assert not bad

    def test_typescript_files_are_in_kebab_case(self):
        assert not [name(path) for path in WEB if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", path.stem)]

    def test_a_decision_is_named_in_kebab_case_with_a_number(self):
        assert not [name(path) for path in DECISIONS if not re.fullmatch(r"\d{4}-[a-z0-9-]+", path.stem)]

    @every([path for path in SQL if path.parent.name == "migrations"])
    def test_migrations_are_numbered(self, path):
        assert re.fullmatch(r"\d{4}_[a-z0-9_]+", path.stem)

    @every(ROUTINES)
    def test_a_routine_stands_in_a_file_of_its_name_with_its_prefixes(self, path):
        schema, routine = created(path)
        assert schema == path.parent.parent.name
        assert re.search(rf"(^|_){routine}(_|$)", path.stem)
        text = path.read_text(encoding="utf-8")
        declared = re.search(r"^DECLARE\n(.*?)^BEGIN", text, re.MULTILINE | re.DOTALL)
        variables = re.findall(r"^ +(\w+)\s", declared[1], re.MULTILINE) if declared else []
        assert not [variable for variable in variables if not re.match(r"v_|--", variable)]


class TestTableOfContents:
    """The docstring of main.py lists exactly the routes that the folder serves."""

    @every(MAINS)
    def test_lists_the_routes_that_the_folder_serves(self, path):
        docstring = ast.get_docstring(tree(path)) or ""
        told = set(re.findall(r"^\s*(GET|POST|PUT|PATCH|DELETE) +(/\S*)", docstring, re.MULTILINE))
        assert told == {route for module in path.parent.glob("*.py") for route in routes(module)}

    @every(MAINS)
    def test_has_every_entry_point_that_is_deployed(self, path):
        deployments = json.loads((ROOT / "functions/deployments.json").read_text(encoding="utf-8"))
        wanted = {d["entry_point"] for d in deployments.values() if d["folder"] == path.parent.name}
        functions = [node for node in tree(path).body if isinstance(node, ast.FunctionDef)]
        defined = {node.name for node in functions if "functions_framework" in ast.dump(ast.List(node.decorator_list))}
        assert wanted, "the folder is in no deployment"
        assert wanted == defined

    def test_every_deployment_has_a_folder(self):
        deployments = json.loads((ROOT / "functions/deployments.json").read_text(encoding="utf-8"))
        assert {d["folder"] for d in deployments.values()} == {path.parent.name for path in MAINS}


def routes(module: Path) -> Iterator[tuple[str, str]]:
    """The (method, path) pairs that a module's decorators name."""
    for node in ast.walk(tree(module)):
        for decorator in getattr(node, "decorator_list", []):
            if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "route":
                method, path = (ast.literal_eval(argument) for argument in decorator.args[:2])
                yield method, path


class TestImports:
    @every(MAINS)
    def test_a_function_imports_itself_shared_and_what_it_installs(self, path):
        """No function reaches into another's folder: the zip would not even hold it."""
        folder = path.parent
        own = {module.stem for module in folder.glob("*.py")}
        known = {import_name.split(".")[0] for import_name in requirements.DISTRIBUTIONS}
        for module in folder.glob("*.py"):
            for imported in requirements.imports(module):
                top = imported.split(".")[0]
                assert top in own | known | {"shared"} | set(sys.stdlib_module_names), f"{name(module)}: {imported}"

    @pytest.mark.parametrize("sdk", SDK_HOMES)
    def test_an_sdk_is_imported_by_one_file_of_its_home(self, sdk):
        importers = [
            name(path) for path in DEPLOYED if any(sdk_of(found) == sdk for found in requirements.imports(path))
        ]
        for home in SDK_HOMES[sdk]:
            assert len([path for path in importers if path.startswith(home)]) <= 1, importers
        assert not [path for path in importers if not path.startswith(tuple(SDK_HOMES[sdk]))]

    def test_importing_shared_imports_nothing(self):
        assert not list(requirements.imports(ROOT / "shared/__init__.py"))

    def test_nothing_deployed_imports_the_local_run_or_the_tests(self):
        for path in DEPLOYED:
            tops = {imported.split(".")[0] for imported in requirements.imports(path)}
            assert not tops & {"emulators", "tools", "tests"}, name(path)

    def test_one_clock(self):
        """A second source of the present could not be moved by a test or a developer."""
        present = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
        found = [name(path) for path in DEPLOYED if present.search(path.read_text(encoding="utf-8"))]
        assert found == ["shared/clock.py"]

    def test_the_requirements_are_fresh_and_in_order(self):
        locks = sorted((ROOT / "requirements").glob("*.txt"))
        assert requirements.stale() + [line for lock in locks for line in requirements.disorder(lock)] == []


def sdk_of(imported: str) -> str | None:
    """The SDK that an import belongs to."""
    return next((sdk for sdk in SDK_HOMES if imported == sdk or imported.startswith(sdk + ".")), None)


class TestBooks:
    WRITE = r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|COPY)\s+(ONLY\s+)?"

    def test_python_writes_no_ledger_table(self):
        """Only the restore drill does, in a copy of the books that it spoils to see it noticed."""
        write = re.compile(self.WRITE + r"ledger\.", re.IGNORECASE)
        found = [name(path) for path in SOURCES if write.search(path.read_text(encoding="utf-8"))]
        assert found in ([], ["tools/drill.py"])

    def test_functions_write_no_table_of_postgres(self):
        """What must be atomic is one routine; Python selects from it, or calls it."""
        write = re.compile(self.WRITE + r"(ledger|identity|outbox)\.", re.IGNORECASE)
        assert not [name(path) for path in DEPLOYED if write.search(path.read_text(encoding="utf-8"))]


class TestMoments:
    TESTS = under("tests")

    def test_no_test_takes_its_day_at_import(self):
        """Midnight in Jakarta may pass before it runs: tests/days.py says which day it is then."""
        day = re.compile(r"^(?!def )\w.*\b(datetime\.now|date\.today|today)\(", re.MULTILINE)
        assert not [name(path) for path in self.TESTS if day.search(path.read_text(encoding="utf-8"))]

    def test_no_browser_test_lets_a_page_poll(self):
        """Our content security policy forbids the page what Playwright would ask of it; people.until asks itself."""
        polls = re.compile(r"\.wait_for_fun" + r"ction\(")
        assert not [name(path) for path in self.TESTS if polls.search(path.read_text(encoding="utf-8"))]


class TestRoutineContracts:
    """The header of a routine is its contract: what it says to raise is what it raises."""

    @every(ROUTINES)
    def test_opens_with_its_name_and_one_sentence(self, path):
        schema, routine = created(path)
        assert re.match(rf"-- {schema}\.{routine} — \S", header(path))

    @every(ROUTINES)
    def test_says_which_sqlstates_it_raises(self, path):
        assert raised(path) <= promised(path) <= raised_below(path)

    @every(ROUTINES)
    def test_says_so_where_no_role_may_call_it(self, path):
        assert "GRANT EXECUTE ON" in body(path) or "\n-- Private " in header(path)

    def test_every_sqlstate_of_ours_becomes_a_problem(self):
        states = {state for path in ROUTINES for state in raised(path)}
        assert states == set(sqlstates.SQLSTATES)

    @every(ROUTINES)
    def test_a_definer_fixes_its_search_path(self, path):
        text = body(path)
        assert text.count("SECURITY DEFINER") == len(re.findall(r"SET search_path\s*(=|TO)", text))


@cache
def header(path: Path) -> str:
    return re.match(r"(--.*\n)*", path.read_text(encoding="utf-8"))[0]


@cache
def body(path: Path) -> str:
    return re.sub(r"--.*", "", path.read_text(encoding="utf-8"))


@cache
def created(path: Path) -> tuple[str, str]:
    """The schema and the name of the one routine that a file creates."""
    found = set(
        re.findall(r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\s+(\w+)\.(\w+)\s*\(", body(path), re.IGNORECASE)
    )
    assert len(found) == 1, f"one file, one routine: {found}"
    return found.pop()


def promised(path: Path) -> set[str]:
    section = re.search(r"^-- Raises (.*\n(?:--   .*\n)*)", header(path), re.MULTILINE)
    return set(re.findall(r"LW\d{3}", section[1])) if section else set()


@cache
def raised(path: Path) -> set[str]:
    text = re.sub(r"WHEN\s+(SQLSTATE\s+'LW\d{3}'(\s+OR\s+)?)+", "", body(path))
    return set(re.findall(r"'(LW\d{3})'", text))


def raised_below(path: Path, seen: frozenset[Path] = frozenset()) -> set[str]:
    """The states that a routine raises, itself or through the routines that it calls."""
    states = set(raised(path))
    for other in set(ROUTINES) - seen - {path}:
        if re.search(r"\b{}\.{}\b".format(*created(other)), body(path)):
            states |= raised_below(other, seen | {path})
    return states


class TestLeftovers:
    @pytest.mark.parametrize("pattern", [UNFINISHED, ADDRESSES], ids=["unfinished", "addresses"])
    def test_nothing_is_left_unfinished_and_no_machine_is_named(self, pattern):
        found = []
        for path in tracked():
            if path.suffix in BINARY:
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if match := pattern.search(line):
                    found.append(f"{name(path)}:{number}: {match[0]}")
        assert not found

    def test_a_pattern_ends_where_the_text_ends(self):
        """`$` also matches before a last line feed, so a number with one behind it would pass."""
        ends = re.compile(r"""(?<![\w])r(?:'[^'\n]*\$'|"[^"\n]*\$")""")
        assert not [name(path) for path in DEPLOYED if ends.search(path.read_text(encoding="utf-8"))]

    def test_every_silenced_rule_has_its_reason(self):
        silenced = re.compile(r"#\s*(noqa(?!: [A-Z0-9, ]+ - \S)|noqa: .*noqa)")
        unsaid = re.compile(r"#\s*type: ignore(?!\[[a-z, -]+\]  # \S)")
        found = []
        for path in DEPLOYED:
            lines = path.read_text(encoding="utf-8").splitlines()
            found += [
                f"{name(path)}:{n}" for n, line in enumerate(lines, 1) if silenced.search(line) or unsaid.search(line)
            ]
        assert not found

    @every(DECISIONS)
    def test_a_decision_says_when_to_look_at_it_again(self, path):
        headings = re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[:1] == ["Context"]
        assert {"Decision", "Consequences"} <= set(headings)
        assert headings[-1] == "Revisit when"


class TestPages:
    PAGES = [path for path in tracked() if path.suffix == ".md"]

    @every(PAGES)
    def test_a_link_leads_somewhere(self, path):
        targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
        assert not [target for target in targets if not (path.parent / target).exists()]

    @every(PAGES)
    def test_a_command_that_a_page_names_exists(self, path):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        targets = {name for line in re.findall(r"^([a-z0-9 _-]+):", makefile, re.MULTILINE) for name in line.split()}
        named = re.findall(r"(?:^ {4}|`)make ([a-z][a-z0-9-]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= targets

    @every(PAGES)
    def test_a_file_that_a_page_names_exists(self, path):
        """In code marks, from the root of the repository."""
        named = re.findall(
            r"`((?:shared|functions|emulators|tools|tests|docs)/[\w./-]+)`",
            path.read_text(encoding="utf-8"),
        )
        assert not [one for one in named if not (ROOT / one).exists()]


class TestWeb:
    @every(WEB_WRITTEN)
    def test_no_feature_imports_another_and_imports_point_down(self, path):
        parts = path.relative_to(ROOT / "web/src").parts
        for layer, feature in imported_layers(path):
            if parts[0] == "features":
                assert layer != "app", "features know nothing of the app around them"
                assert feature in (None, parts[1]), f"{parts[1]} imports {feature}"
            elif parts[0] in ("lib", "components"):
                assert layer not in ("features", "app"), f"{parts[0]} imports {layer}"

    def test_there_are_no_barrel_files(self):
        """A file that only re-exports hides who needs what, and drags all of it into every chunk."""
        assert not [name(path) for path in WEB if path.stem == "index"]


def imported_layers(path: Path) -> Iterator[tuple[str, str | None]]:
    """The (layer, feature) of every module of ours that a TypeScript file imports."""
    source = ROOT / "web/src"
    for target in re.findall(
        r"""(?:from|import)\s*\(?\s*['"]((?:\.|@/|~/)[^'"]*)['"]""", path.read_text(encoding="utf-8")
    ):
        if target.startswith("."):
            place = (path.parent / target).resolve()
            if not place.is_relative_to(source):
                continue
            parts = place.relative_to(source).parts
        else:
            parts = Path(target[2:]).parts
        yield parts[0], parts[1] if parts[0] == "features" and len(parts) > 1 else None
