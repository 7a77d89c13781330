"""Texts of templates in the reader's language, looked up once per request and not once per word.

Flask-Babel finds the locale and its catalogue anew for each text; a list of 80 rows has hundreds.
"""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def init_app(app: Flask) -> None:
    """Give the templates their gettext; call after Babel has been attached."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )


def gettext(text: str, **values: Any) -> str:
    """A text in the reader's language, for what is shown once in every row of a list."""
    found: str = _catalogue().ugettext(text)
    return found % values if values else found


def _catalogue() -> Any:
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found
