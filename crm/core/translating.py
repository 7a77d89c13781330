"""Texts of templates in the reader's language.

Flask-Babel finds the locale and its catalogue anew for each text, and Jinja passes each call through
three others; a page has hundreds of texts. So a template is compiled once for each language, with
the texts that take no values written into it, and the others are looked up in one catalogue a
request.
"""

from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from flask import Flask, g
from flask_babel import get_locale, get_translations
from jinja2 import BaseLoader, Environment, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

_CALL = ("name", "lparen", "string", "rparen")


def init_app(app: Flask) -> None:
    """Give the templates their gettext; call after Babel has been attached and before the first."""
    environment = app.jinja_env
    environment.globals.update(_=_shown, gettext=_shown, ngettext=_shown_number)
    environment.add_extension(_Texts)
    environment.cache = None
    if environment.loader is not None:
        environment.loader = _ByLanguage(environment.loader)


class _ByLanguage(BaseLoader):
    """Keeps the compiled templates of another loader, for each language apart."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader
        self._made: dict[tuple[str, str], Template] = {}

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """The template in the reader's language; compiled again where its file has changed."""
        key = (_language(), name)
        made = self._made.get(key)
        if made is None or (environment.auto_reload and not made.is_up_to_date):
            made = self._made[key] = self._loader.load(environment, name, globals)
        return made

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        return self._loader.get_source(environment, template)

    def list_templates(self) -> list[str]:
        return self._loader.list_templates()


class _Texts(Extension):
    """Replaces `_("…")` by the text itself, in the language of the reader for whom it compiles."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tokens = list(stream)
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "variable_begin" and _is_text(tokens, place + 1):
                if tokens[place + 5].type == "variable_end":
                    yield Token(token.lineno, "data", _text(tokens[place + 3]))
                    place += 6
                    continue
            elif _is_text(tokens, place):
                text = _text(tokens[place + 2])
                # A word that is escaped later must not be changed by it.
                if escape(text) == text:
                    yield Token(token.lineno, "string", text)
                    place += 4
                    continue
            yield token
            place += 1


def _is_text(tokens: list[Token], place: int) -> bool:
    """Whether a text without values is asked for here."""
    asked = tokens[place : place + 4]
    return (
        tuple(token.type for token in asked) == _CALL
        and asked[0].value == "_"
        and tokens[place - 1].type not in ("dot", "pipe")
    )


def _text(token: Token) -> str:
    return str(_shown(token.value))


def _shown(text: str, /, **values: Any) -> Markup:
    """Texts are ours and may hold markup; values are escaped. `%%` stands for a per cent sign."""
    found = Markup(_catalogue().ugettext(text))  # noqa: S704  # nosec B704
    return found % values if values or "%" in found else found


def _shown_number(one: str, many: str, number: int, /, **values: Any) -> Markup:
    values.setdefault("num", number)
    return Markup(_catalogue().ungettext(one, many, number)) % values  # noqa: S704  # nosec B704


def gettext(text: str, /, **values: Any) -> str:
    """A text in the reader's language, for what is shown once in every row of a list."""
    found: str = _catalogue().ugettext(text)
    return found % values if values else found


def _catalogue() -> Any:
    return _reader()[1]


def _language() -> str:
    return _reader()[0]


def _reader() -> tuple[str, Any]:
    """The reader's language and its catalogue, found together so that they cannot differ."""
    found: tuple[str, Any] | None = g.get("reader")
    if found is None:
        found = g.reader = (str(get_locale()), get_translations())
    return found
