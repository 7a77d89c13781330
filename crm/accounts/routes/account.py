"""One's own account: language, password, sessions, API tokens; and the typeahead of colleagues."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from crm.accounts import queries, sign_in as sessions
from crm.accounts.browsers import browser_name
from crm.accounts.forms import LocaleForm, PasswordForm, TokenForm
from crm.accounts.guards import requires, signed_in
from crm.accounts.models import User
from crm.accounts.services import own
from crm.core.errors import FieldErrors
from crm.core.permissions import Capability
from crm.core.unit_of_work import unit_of_work
from crm.core.web import current_actor, home_url
from crm.extensions import limiter

bp = Blueprint("account", __name__)
bp.add_app_template_filter(browser_name, "browser")


@bp.get("/account")
@signed_in
def show() -> ResponseReturnValue:
    """Everything about one's own account."""
    return _page(_me())


@bp.post("/account/language")
@signed_in
def language() -> ResponseReturnValue:
    """Choose the language."""
    form = _locale_form(_me())
    if not form.validate():
        return _page(_me(), locale_form=form), 422
    with unit_of_work():
        own.set_locale(actor=current_actor(), user=_me(), locale=form.locale.data)
    flash(_("界面语言已更改。"))
    return redirect(url_for("account.show"), 303)


@bp.get("/account/password")
@signed_in
def password() -> ResponseReturnValue:
    """The form for a new password; people with a first password cannot pass it by."""
    return render_template("accounts/password.html", form=PasswordForm(), user=_me())


@bp.post("/account/password")
@limiter.limit("20 per minute")
@signed_in
def change_password() -> ResponseReturnValue:
    """Choose a new password."""
    form = PasswordForm()
    user = _me()
    if form.validate():
        try:
            with unit_of_work():
                own.change_password(
                    actor=current_actor(),
                    user=user,
                    current=form.current.data,
                    new=form.new.data,
                    keep_session=sessions.current_key_hash(),
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            flash(_("密码已更改，您在其他地方的登录已全部退出。"))
            return redirect(home_url(current_actor()), 303)
    return render_template("accounts/password.html", form=form, user=user), 422


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    with unit_of_work():
        own.sign_out_everywhere(
            actor=current_actor(), user=_me(), keep_session=sessions.current_key_hash()
        )
    flash(_("您在其他地方的登录已全部退出。"))
    return redirect(url_for("account.show"), 303)


@bp.post("/account/sessions/end-all")
@signed_in
def end_all() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    with unit_of_work():
        own.sign_out_everywhere(actor=current_actor(), user=_me())
    sessions.forget()
    return redirect(url_for("auth.sign_in"), 303)


@bp.post("/account/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    with unit_of_work():
        own.end_session(actor=current_actor(), user=_me(), session_id=session_id)
    flash(_("那次登录已退出。"))
    return redirect(url_for("account.show"), 303)


@bp.post("/account/tokens")
@signed_in
def create_token() -> ResponseReturnValue:
    """Make an API token and show it this once."""
    form = TokenForm()
    user = _me()
    if form.validate():
        try:
            with unit_of_work():
                text = own.create_token(
                    actor=current_actor(),
                    user=user,
                    name=form.name.data,
                    held=len(queries.own_tokens(user)),
                )
        except FieldErrors as error:
            form.add_errors(error.errors)
        else:
            return _page(user, new_token=text, new_token_name=form.name.data)
    return _page(user, token_form=form), 422


@bp.post("/account/tokens/<int:token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> ResponseReturnValue:
    """Make a token useless at once."""
    with unit_of_work():
        own.revoke_token(actor=current_actor(), user=_me(), token_id=token_id)
    flash(_("令牌已撤销，用它的程序已不能再访问。"))
    return redirect(url_for("account.show"), 303)


@bp.get("/people.json")
@requires(Capability.SEE_BUSINESS)
def people_json() -> ResponseReturnValue:
    """Colleagues whose name begins or sounds like what is typed."""
    found = queries.people(current_actor(), request.args.get("q", "")[:60])
    items = [
        {"id": user.id, "label": user.name, "sub": user.team.name if user.team else ""}
        for user in found
    ]
    return jsonify(items=items)


def _me() -> User:
    return queries.get_user(current_actor().id)


def _locale_form(user: User) -> LocaleForm:
    form = LocaleForm(data={"locale": user.locale})
    form.locale.choices = [SelectChoice(code, name) for code, name in own.LOCALES.items()]
    return form


def _page(user: User, **more: Any) -> str:
    shown = {
        "user": user,
        "locale_form": _locale_form(user),
        "token_form": TokenForm(formdata=None),
        "sessions": queries.own_sessions(user),
        "tokens": queries.own_tokens(user),
        "own_key": sessions.current_key_hash(),
        "new_token": "",
        **more,
    }
    return render_template("accounts/account.html", **shown)
