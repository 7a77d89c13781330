"""The funnel, as the manager's page has it."""

from flask import Response, request
from flask_babel import gettext as _

from crm.api import answers, tokens
from crm.api.answers import Json, number
from crm.api.blueprint import bp
from crm.api.openapi import operation
from crm.api.records import leads
from crm.api.schemas.funnel import FunnelAnswer, FunnelQuery
from crm.core import clock
from crm.core.errors import FieldErrors
from crm.leads.stages import Stage
from crm.pipeline import funnel_args
from crm.pipeline.funnel import Step
from crm.pipeline.queries.funnel import Lost, amount_of, funnel_of

TAG = "funnel"


@bp.get("/funnel")
@operation(answers=FunnelAnswer, tag=TAG, name="funnel")
def funnel(query: FunnelQuery) -> Response:
    """Count how many leads reached each stage, went on, and how long it took.

    From the stage log alone, over the leads that the caller may see.
    """
    del query  # read by the same rules as the page's address, once it is known to be sound
    asked = funnel_args.read(leads.with_ids(request.args), clock.today())
    if asked.problems:
        raise FieldErrors({name: [text] for name, text in asked.problems.items()})
    found = funnel_of(tokens.caller(), asked.ask)
    return answers.respond(
        {
            "from": asked.ask.start.isoformat(),
            "to": asked.ask.end.isoformat(),
            "within_days": asked.ask.within,
            "as_of": asked.ask.as_of.isoformat(),
            "stages": [_stage(stage, step) for stage, step in found.steps.items()],
            "lost": [_lost(one) for one in found.lost],
        }
    )


def _stage(stage: Stage, step: Step) -> Json:
    return {
        "stage": stage.value,
        "label": _(stage.label),
        "entered": len(step.entered),
        "amount_wan_cny": number(amount_of(step.amount)),
        "converted": None if step.is_last else len(step.converted),
        "conversion": step.conversion,
        "median_days": step.median_days,
        "median_days_km": step.median_days_km,
        "p80_days_km": step.p80_days_km,
        "waiting": None if step.is_last else len(step.waiting),
        "current": len(step.current),
    }


def _lost(one: Lost) -> Json:
    return {
        "reason": one.reason,
        "lost_to": one.lost_to,
        "count": len(one.places),
        "amount_wan_cny": number(one.amount),
    }
