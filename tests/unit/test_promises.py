"""docs/promises.md: each command, module and test that it names exists, and the READMEs tell the same promises."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CODE = re.findall(r"`([^`]+)`", PAGE)
PROMISES = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)


def test_there_are_eight_promises_each_with_its_proofs():
    assert [int(number) for number, *_ in PROMISES] == list(range(1, 9))
    assert all("`" in short and "`" in long for _, _, short, long in PROMISES)


@pytest.mark.parametrize("command", [code for code in CODE if code.startswith("make ")])
def test_a_target_exists(command):
    assert re.search(rf"^{command.split()[1]}: ", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("command", [code for code in CODE if "python -m " in code])
def test_a_module_exists_and_its_paths_too(command):
    module, *words = command.split("python -m ")[1].split()
    if module != "pytest":
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()
    paths = [word for word in words if word.startswith("tests")]
    assert all((ROOT / path).exists() for path in paths)


@pytest.mark.parametrize("command", sorted({code for code in CODE if "-m soak" in code}))
def test_a_soak_that_is_named_has_a_test(command):
    """Where nothing is marked soak, the command would pass by doing nothing."""
    for path in re.findall(r"tests/\S+", command):
        files = [ROOT / path] if path.endswith(".py") else (ROOT / path).rglob("test_*.py")
        assert any("mark.soak" in file.read_text(encoding="utf-8") for file in files), path


@pytest.mark.parametrize("path", sorted({code for code in CODE if re.fullmatch(r"(tests|docs|tools)/[\w./-]+", code)}))
def test_a_file_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"section ([A-Z][a-z]+(?: [a-z]+)*)", PAGE))))
def test_a_section_of_figures_stands_in_the_benchmarks(name):
    """Figures that nobody has taken are not pointed to."""
    benchmarks = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {name}", benchmarks, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "README.id.md"])
def test_the_first_pages_have_the_same_promises_and_proofs(page):
    """By number, each with at least one command or file that the full page names as well."""
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 9))
    for _, proofs in rows:
        named = re.findall(r"`([^`]+)`", proofs)
        assert named
        assert set(named) <= set(CODE)
