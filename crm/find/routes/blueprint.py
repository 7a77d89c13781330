"""The blueprint of finding."""

from flask import Blueprint

bp = Blueprint("find", __name__)
