"""Who may open a view. Every view of the product carries one of these."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from crm.accounts import signed_out
from crm.core.permissions import Capability
from crm.core.web import current_actor

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

# Open to a person who has yet to choose a password.
_BEFORE_FIRST_PASSWORD = {"account.password", "account.change_password", "auth.sign_out"}


def requires(capability: Capability) -> Callable[[View[P]], View[P]]:
    """Let only people with this right in; for others the page does not exist (404).

    Without a session a page leads to the sign-in and back, and a form says that it was not saved.
    """

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            refused = _turned_away()
            if refused is not None:
                return refused
            if not current_actor().can(capability):
                abort(404)
            return view(*args, **kwargs)

        guarded.guard = capability  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(view: View[P]) -> View[P]:
    """Let everyone in who is signed in, whatever their role."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        refused = _turned_away()
        return refused if refused is not None else view(*args, **kwargs)

    guarded.guard = "signed_in"  # type: ignore[attr-defined]
    return guarded


def public(view: View[P]) -> View[P]:
    """Mark a view that needs no session, so that the table of routes can tell it from a slip."""
    view.guard = "public"  # type: ignore[attr-defined]
    return view


def _turned_away() -> ResponseReturnValue | None:
    """The answer to someone who has no session, or a first password to change; else none."""
    if not current_user.is_authenticated:
        return signed_out.answer()
    if current_user.must_change_password and request.endpoint not in _BEFORE_FIRST_PASSWORD:
        return redirect(url_for("account.password"), 303)
    return None
