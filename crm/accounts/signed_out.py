"""What a stale tab is told: a form sent after sign-out, or with a token of a session that ended.

Nothing is saved then, so the page gives back what was typed and a way to send it again. That way
is offered only to forms of our own pages (`Origin`), or another site could slip its own words in.
"""

from urllib.parse import urlsplit

from flask import Flask, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from crm.accounts.forms import SignInForm
from crm.core.web import wants_fragment

# Beyond this a page that shows everything again would itself be a burden; the draft has it.
_MOST_TYPED = 2_000_000
_NEVER_SHOWN = ("csrf_token", "password")


def init_app(app: Flask) -> None:
    """Answer a failed check of the form's token with a page instead of a bare 400."""
    app.register_error_handler(CSRFError, _token_failed)


def answer() -> ResponseReturnValue:
    """The answer to a request without a session: sign in first, then go on where you were."""
    if request.path.endswith(".json") or "X-Requested-With" in request.headers:
        return jsonify(error="signed_out", message=_("您已退出登录，请重新登录。")), 401
    if wants_fragment():
        return render_template("accounts/_signed_out.html", sign_in_url=_sign_in_url()), 401
    if request.method in ("GET", "HEAD"):
        return redirect(_sign_in_url(), 303)
    return _not_saved(401)


def is_local(target: str) -> bool:
    """Whether an address stays on this site: a path alone, in every spelling browsers accept."""
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        return False
    if any(ord(character) < 33 or character == "\\" for character in target):
        return False
    parts = urlsplit(target)
    return not parts.scheme and not parts.netloc


def _token_failed(_error: CSRFError) -> ResponseReturnValue:
    if request.endpoint == "auth.try_sign_in":
        return _sign_in_again(), 400
    if not current_user.is_authenticated:
        return answer()
    if wants_fragment():
        return render_template("accounts/_signed_out.html", sign_in_url=""), 400
    return _not_saved(400)


def _sign_in_again() -> str:
    """The sign-in page with a fresh token and the name that was typed."""
    typed = {name: request.form.get(name, "") for name in ("username", "next")}
    return render_template(
        "accounts/sign_in.html",
        form=SignInForm(formdata=None, data=typed),
        refusal=_("登录页打开太久，已过期。请再输入一次密码。"),
    )


def _not_saved(status: int) -> ResponseReturnValue:
    page = render_template(
        "accounts/not_saved.html",
        sign_in_url=_sign_in_url(),
        back_url=_page_of_form(),
        typed=_typed(),
        had_files=any(file.filename for file in request.files.values()),
        may_resend=_from_our_page() and request.endpoint is not None,
    )
    return page, status


def _typed() -> list[tuple[str, str]]:
    """Every value of the form but passwords and tokens, in order."""
    typed = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if not any(word in name for word in _NEVER_SHOWN)
    ]
    return typed if sum(len(value) for _name, value in typed) <= _MOST_TYPED else []


def _sign_in_url() -> str:
    target = request.full_path.rstrip("?") if request.method == "GET" else _page_of_form()
    if wants_fragment():
        target = _path_of(request.headers.get("HX-Current-URL", ""))
    return url_for("auth.sign_in", next=target) if target != "/" else url_for("auth.sign_in")


def _page_of_form() -> str:
    return _path_of(request.referrer or "")


def _path_of(address: str) -> str:
    """The path of an address of this site; the start page for any other."""
    parts = urlsplit(address)
    if parts.netloc != request.host:
        return "/"
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if is_local(path) else "/"


def _from_our_page() -> bool:
    source = request.headers.get("Origin") or request.referrer or ""
    return urlsplit(source).netloc == request.host
