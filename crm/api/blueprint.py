"""The API's blueprint: tokens instead of cookies, problems instead of pages, a limit per token."""

from flask import Blueprint

from crm.api import openapi, problems, tokens
from crm.extensions import csrf, limiter

bp = Blueprint("api", __name__, url_prefix="/api/v1")
problems.handle(bp)
csrf.exempt(bp)
limiter.limit(tokens.RATE, key_func=tokens.rate_key)(bp)
openapi.describe(bp)
