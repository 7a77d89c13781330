"""Texts of templates in the reader's language, looked up once per request and not once per word.

Flask-Babel finds the locale and its catalogue anew for each text; a list of 80 rows has hundreds.
"""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from markupsafe import Markup


def init_app(app: Flask) -> None:
    """Give the templates their gettext; call after Babel has been attached.

    Jinja's own passes each word through three calls that look up the template's context.
    """
    app.jinja_env.globals.update(_=_shown, gettext=_shown, ngettext=_shown_number)


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
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found
