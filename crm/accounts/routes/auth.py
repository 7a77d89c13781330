"""Signing in and out."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from crm.accounts import sign_in as sessions
from crm.accounts.forms import SignInForm
from crm.accounts.guards import public, signed_in
from crm.accounts.services import access
from crm.accounts.services.access import Attempt
from crm.accounts.signed_out import is_local
from crm.core import clock
from crm.core.permissions import Actor
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, home_url
from crm.extensions import limiter

bp = Blueprint("auth", __name__)


@bp.get("/login", endpoint="sign_in")
@public
def show_sign_in() -> ResponseReturnValue:
    """The sign-in page (登录)."""
    if current_user.is_authenticated:
        return redirect(_onward(request.args.get("next", "")), 303)
    return _page(SignInForm(data={"next": request.args.get("next", "")}))


@bp.post("/login")
@limiter.limit("30 per minute; 300 per hour")
@public
def try_sign_in() -> ResponseReturnValue:
    """Check name and password and start a session."""
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    with unit_of_work():
        attempt = access.count_attempt(username=form.username.data)
    key = None
    with unit_of_work():
        user = access.sign_in(attempt=attempt, password=form.password.data)
        if user is not None:
            key = sessions.start_session(
                user,
                address=request.remote_addr or "",
                browser=request.headers.get("User-Agent", ""),
            )
    if key is None or user is None:
        return _page(form, refusal=_refusal(attempt)), 422
    sessions.remember(key)
    return redirect(_onward(form.next.data or "", user.as_actor()), 303)


@bp.post("/logout")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    with unit_of_work():
        access.sign_out(actor=current_actor(), key_hash=sessions.current_key_hash())
    sessions.forget()
    return redirect(url_for("auth.sign_in"), 303)


@bp.get("/session")
@public
def session_state() -> ResponseReturnValue:
    """Whether this browser is still signed in, for open pages; 401 when it is not."""
    if not current_user.is_authenticated:
        return jsonify(signed_in=False), 401
    return jsonify(signed_in=True, user=current_user.id, csrf_token=generate_csrf())


def _page(form: SignInForm, refusal: str = "") -> str:
    return render_template("accounts/sign_in.html", form=form, refusal=refusal)


def _refusal(attempt: Attempt) -> str:
    """What a failed try is told: the same for every name, known or not."""
    until = attempt.locked_until.astimezone(clock.ZONE)
    if not attempt.may_try:
        return _(
            "连续输错太多次，这个用户名已锁定到 %(time)s，请届时再试，或联系管理员。",
            time=f"{until:%H:%M}",
        )
    if attempt.tries_left == 0:
        return _(
            "用户名或密码不对。已连续输错 %(n)s 次，锁定到 %(time)s。",
            n=attempt.allowed,
            time=f"{until:%H:%M}",
        )
    return _(
        "用户名或密码不对。再错 %(n)s 次锁定 %(minutes)s 分钟。",
        n=attempt.tries_left,
        minutes=attempt.lock_minutes,
    )


def _onward(target: str, actor: Actor | None = None) -> str:
    return target if is_local(target) else home_url(actor or current_actor())
