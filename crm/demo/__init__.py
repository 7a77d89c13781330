"""Demo data: a lively zone of plainly made-up firms, dated relative to today.

Everything goes through the services, so that gates, first reports, collisions and notices are what
they would be; the same day always gives the same data.
"""

from crm.demo.load import load, sign_ins

__all__ = ["load", "sign_ins"]
