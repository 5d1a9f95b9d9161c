"""The house: sizes, names, floors and form of every source file."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(
    path
    for folder in ("audits", "oversight", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)
PRODUCT = [path for path in SOURCES if path.relative_to(ROOT).parts[0] in ("audits", "oversight")]
LONGEST_FUNCTION, LONGEST_FILE, MEDIAN_FUNCTION = 40, 299, 10
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "services",
    "base",
    "core",
    "lib",
}
TOP_LEVEL = {
    "oversight",
    "audits",
    "templates",
    "tests",
    "manage.py",
    "requirements.txt",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "requirements-dev.txt",
    "LICENSE",
    "CHANGELOG.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    ".gitignore",
    "docs",
    "benchmarks",
    ".ci",
}


def named(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def functions(path):
    """Yield each function with its length, docstring and decorators left out of neither."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def run(tool, *options):
    """Run a tool that stands beside this Python; it must find nothing."""
    command = [Path(sys.executable).parent / tool, *options]
    path = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{path.relative_to(ROOT)}: {name} has {lines} lines"
        for path in SOURCES
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert not long


def test_half_of_the_functions_are_shorter_than_ten_lines():
    assert median(lines for p in PRODUCT for _, lines in functions(p)) < MEDIAN_FUNCTION


def test_no_file_is_longer_than_a_few_screens():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert not [f"{p.relative_to(ROOT)}: {n}" for p, n in lengths.items() if n > LONGEST_FILE]


def test_no_module_is_a_drawer():
    assert not [p for p in named(PRODUCT) if DRAWERS & {*Path(p).parts, Path(p).stem}]


def test_every_module_of_the_product_says_what_it_is():
    modules = [path for path in PRODUCT if path.read_text(encoding="utf-8").strip()]
    silent = [p for p in modules if not ast.get_docstring(ast.parse(p.read_text("utf-8")))]
    assert not named(silent)


def test_the_top_level_holds_what_was_agreed_and_nothing_else():
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}
    assert not {path.name for path in ROOT.iterdir()} - TOP_LEVEL - ignored - {".git"}


def test_every_import_points_down():
    run("lint-imports", "--no-cache", "--no-logo")


def test_no_fault_of_style_is_left():
    run("ruff", "check", "--no-cache", ".")


def test_every_file_is_in_its_one_form():
    run("ruff", "format", "--check", "--no-cache", ".")
