"""The blueprint, and what its views share."""

from flask import Blueprint, abort

from crm.companies.models import Company
from crm.companies.queries import get_company
from crm.core.errors import DomainError, FieldErrors, NotFound
from crm.core.forms import BaseForm

bp = Blueprint("companies", __name__, url_prefix="/companies")


def load(company_id: int) -> Company:
    """The company of an address, or the one it was merged into; 404 where there is none."""
    try:
        return get_company(company_id)
    except NotFound:
        abort(404)


def show_refusal(form: BaseForm, error: DomainError) -> int:
    """Put the business's refusal on the form; returns the status to answer with."""
    if isinstance(error, FieldErrors):
        form.add_errors(error.errors)
    else:
        form.add_errors({error.field or "": [error.message]})
    return error.status
