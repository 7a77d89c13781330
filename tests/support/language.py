"""Find Chinese texts that would never reach the catalogue."""

import ast
import re
from collections.abc import Iterator

from jinja2 import Environment, nodes

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
MARKERS = frozenset(
    {
        "_", "gettext", "ngettext", "pgettext", "npgettext",
        "_l", "lazy_gettext", "lazy_ngettext", "lazy_pgettext", "N_",
    }
)  # fmt: skip

_environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def untranslated_in_template(source: str) -> list[str]:
    """Chinese texts of a template outside `_()`: as markup, or as a constant that is shown.

    A constant that is only compared with something is a value, not a text.
    """
    tree = _environment.parse(source)
    return [f"{line} {text}" for line, text in _template_texts(tree, shown=True)]


def _template_texts(node: nodes.Node, *, shown: bool) -> Iterator[tuple[int, str]]:
    if isinstance(node, nodes.Call) and _template_name(node.node) in MARKERS:
        return
    if isinstance(node, nodes.Compare):
        shown = False
    if isinstance(node, nodes.TemplateData | nodes.Const):
        value = node.data if isinstance(node, nodes.TemplateData) else node.value
        if shown and isinstance(value, str) and CHINESE.search(value):
            before = value[: CHINESE.search(value).start()]  # type: ignore[union-attr]
            yield node.lineno + before.count("\n"), value.strip()[:60]
    for child in node.iter_child_nodes():
        yield from _template_texts(child, shown=shown)


def _template_name(node: nodes.Node) -> str:
    return node.name if isinstance(node, nodes.Name) else ""


def unmarked_in_python(tree: ast.Module) -> list[tuple[int, str]]:
    """Lines and Chinese string literals of a module outside `_()`, `_l()`, `N_()`.

    Docstrings and patterns of regular expressions are never shown.
    """
    docstrings = {id(node) for node in _docstrings(tree)}
    return [
        (node.lineno, str(node.value).strip()[:60])
        for node in _unmarked(tree)
        if id(node) not in docstrings and CHINESE.search(str(node.value))
    ]


def _unmarked(node: ast.AST) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Call) and _is_exempt(node.func):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _unmarked(child)


def _is_exempt(called: ast.expr) -> bool:
    is_pattern = (
        isinstance(called, ast.Attribute)
        and isinstance(called.value, ast.Name)
        and called.value.id == "re"
    )
    return is_pattern or _python_name(called) in MARKERS


def _python_name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _docstrings(tree: ast.Module) -> Iterator[ast.expr]:
    """Docstrings, of attributes too: strings that stand alone are never shown."""
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
