"""Administration: users, teams, settings, the audit log."""

from crm.accounts.routes.admin import audit, settings, teams, users
from crm.accounts.routes.admin.blueprint import bp

__all__ = ["audit", "bp", "settings", "teams", "users"]
