"""The gates: what each stage asks for, and what a move passes through."""

from dataclasses import fields, replace

import pytest

from crm.leads.fields import FIELDS
from crm.leads.stages import (
    GATES,
    MAY_BE_UNAVAILABLE,
    Facts,
    Stage,
    checklist,
    is_forward,
    missing,
    next_stage,
    passed,
)

NOTHING = Facts()
EVERYTHING = Facts(
    **{
        field.name: {"stage": Stage.IDENTIFIED, "contact_count": 2, "face_count": 1}.get(
            field.name, True
        )
        for field in fields(Facts)
        if field.name != "unavailable"
    }
)

# What each gate lacks when only one thing is taken away: fact, value without it, key, stage.
ASKED = [
    ("company", False, "company", Stage.CONTACTED),
    ("source", False, "source", Stage.CONTACTED),
    ("owner", False, "owner", Stage.CONTACTED),
    ("contact_count", 0, "interaction", Stage.CONTACTED),
    ("next_step", False, "next_step", Stage.CONTACTED),
    ("decision_contact", False, "decision_contact", Stage.NEGOTIATING),
    ("investment", False, "investment", Stage.NEGOTIATING),
    ("chain_or_industry", False, "chain_or_industry", Stage.NEGOTIATING),
    ("site_kind", False, "site_kind", Stage.NEGOTIATING),
    ("contact_count", 1, "two_interactions", Stage.NEGOTIATING),
    ("face_count", 0, "face_to_face", Stage.NEGOTIATING),
    ("land_or_floor", False, "land_or_floor", Stage.APPRAISING),
    ("energy", False, "energy", Stage.APPRAISING),
    ("pollutants", False, "pollutants", Stage.APPRAISING),
    ("output", False, "output", Stage.APPRAISING),
    ("tax", False, "tax", Stage.APPRAISING),
    ("registration", False, "registration", Stage.SIGNED),
    ("agreed_amount", False, "agreed_amount", Stage.SIGNED),
    ("agreed_currency", False, "agreed_currency", Stage.SIGNED),
    ("appraisal_passed", False, "appraisal", Stage.SIGNED),
]


def keys(facts: Facts, to: Stage) -> list[str]:
    return [item.key for item in missing(facts, to)]


def test_a_lead_with_everything_passes_all_gates() -> None:
    assert missing(EVERYTHING, Stage.SIGNED) == []


def test_a_lead_with_nothing_lacks_every_single_thing() -> None:
    everything = [item.key for gate in GATES.values() for item in gate]
    assert keys(NOTHING, Stage.SIGNED) == everything
    assert set(everything) == {key for _fact, _value, key, _stage in ASKED}


@pytest.mark.parametrize(("fact", "value", "key", "stage"), ASKED)
def test_one_thing_missing_closes_its_gate_and_no_earlier_one(
    fact: str, value: object, key: str, stage: Stage
) -> None:
    facts = replace(EVERYTHING, **{fact: value})
    assert key in keys(facts, stage)
    assert key in keys(facts, Stage.SIGNED)
    before = list(Stage)[stage.position - 1]
    assert key not in keys(facts, before)
    at_the_gate = replace(facts, stage=before)
    assert keys(at_the_gate, stage) == [key]
    assert keys(replace(facts, stage=stage), stage) == []


@pytest.mark.parametrize(
    ("fact", "field", "stage"),
    [
        ("investment", "investment_wan_cny", Stage.NEGOTIATING),
        ("investment", "foreign_capital_wan_usd", Stage.NEGOTIATING),
        ("chain_or_industry", "chain_nodes", Stage.NEGOTIATING),
        ("site_kind", "site_kind", Stage.NEGOTIATING),
        ("land_or_floor", "floor_area_sqm", Stage.APPRAISING),
        ("energy", "energy_tce", Stage.APPRAISING),
        ("pollutants", "pollutants", Stage.APPRAISING),
        ("output", "output_wan_cny", Stage.APPRAISING),
        ("tax", "tax_wan_cny", Stage.APPRAISING),
    ],
)
def test_unavailable_answers_what_the_investor_may_not_know(
    fact: str, field: str, stage: Stage
) -> None:
    facts = replace(EVERYTHING, **{fact: False})
    assert len(missing(facts, stage)) == 1
    excused = replace(facts, unavailable=frozenset({field}))
    assert missing(excused, stage) == []
    assert sum(item.is_excused(excused) for item, _met in checklist(excused, stage)) == 1


def test_acts_people_and_signatures_cannot_be_unavailable() -> None:
    every_field = frozenset(FIELDS) | {"log", "contacts", "next_step", "owner"}
    facts = replace(NOTHING, unavailable=every_field)
    assert keys(facts, Stage.SIGNED) == [
        "company", "source", "owner", "interaction", "next_step", "decision_contact",
        "two_interactions", "face_to_face",
        "registration", "agreed_amount", "agreed_currency", "appraisal",
    ]  # fmt: skip


def test_every_answer_is_a_field_that_may_be_unavailable() -> None:
    answers = {name for gate in GATES.values() for item in gate for name in item.answers}
    assert answers <= MAY_BE_UNAVAILABLE <= set(FIELDS)


def test_a_move_passes_every_gate_in_between_and_none_behind() -> None:
    assert passed(Stage.IDENTIFIED, Stage.APPRAISING) == [
        Stage.CONTACTED, Stage.NEGOTIATING, Stage.APPRAISING,
    ]  # fmt: skip
    assert passed(Stage.APPRAISING, Stage.CONTACTED) == []
    assert missing(replace(NOTHING, stage=Stage.SIGNED), Stage.CONTACTED) == []
    assert keys(replace(NOTHING, stage=Stage.APPRAISING), Stage.SIGNED) == [
        item.key for item in GATES[Stage.SIGNED]
    ]


def test_signed_is_the_last() -> None:
    assert next_stage(Stage.APPRAISING) is Stage.SIGNED
    assert next_stage(Stage.SIGNED) is None
    assert is_forward(Stage.IDENTIFIED, Stage.SIGNED)
    assert not is_forward(Stage.SIGNED, Stage.SIGNED)
