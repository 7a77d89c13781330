"""Test clients whose requests see what a browser's would see.

A test holds an application context of its own for factories and queries. Requests and commands
must not run inside it: they would share its session and its signed-in person. So what the test
prepared is committed first, the call runs in a context of its own, and afterwards the test's
session reads everything anew.
"""

from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, TypeVar

from click.testing import Result
from flask import has_app_context
from flask.testing import FlaskClient, FlaskCliRunner
from werkzeug.test import TestResponse

from crm.accounts.models import User
from crm.extensions import db
from tests.support.html import check_html

T = TypeVar("T")


def apart(call: Callable[[], T]) -> T:
    """Run `call` as if no test were around it; the held clock holds there too."""
    in_test = has_app_context()
    if in_test:
        db.session.commit()
    outside = Context()
    for variable, value in copy_context().items():
        if not variable.name.startswith("flask."):
            outside.run(variable.set, value)
    result = outside.run(call)
    if in_test:
        db.session.expire_all()
    return result


class Client(FlaskClient):
    """A browser without scripts; every page it is given must be well-formed."""

    user: User
    """Who is signed in; set by the fixture `as_user`."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request; follow redirects only when asked to."""
        kwargs.setdefault("buffered", True)
        response = apart(lambda: super(Client, self).open(*args, **kwargs))
        if response.mimetype == "text/html" and response.data:
            is_fragment = not response.text.lstrip().lower().startswith("<!doctype")
            check_html(response.text, fragment=is_fragment)
        return response


class CliRunner(FlaskCliRunner):
    """Runs `flask …` commands."""

    def invoke(self, *args: Any, **kwargs: Any) -> Result:
        """Run a command: `cli.invoke(args=["search", "status"])`."""
        kwargs.setdefault("catch_exceptions", False)
        return apart(lambda: super(CliRunner, self).invoke(*args, **kwargs))
