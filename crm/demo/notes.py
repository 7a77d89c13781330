"""Writes the notes: fragments that fit a lead's trade, stage and numbers, the least used first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crm.demo.courses import Talk
from crm.demo.dice import Dice
from crm.demo.figures import money
from crm.demo.firms import Person
from crm.demo.plans import Plan
from crm.demo.reading import Fragment, endings, fragments, read
from crm.interactions.kinds import InteractionKind, Outcome

_SPOKEN = (InteractionKind.CALL, InteractionKind.WECHAT, InteractionKind.EMAIL)


@dataclass(frozen=True)
class Written:
    """A note ready to be logged; `step` is empty where nothing was agreed."""

    text: str
    outcome: Outcome
    step: str
    reason: str = ""


class Writer:
    """Keeps count of what was said, on each lead and over all."""

    def __init__(self, nodes: dict[str, str]) -> None:
        self._nodes = nodes
        self._fragments = fragments()
        self._endings = endings()
        self._openings: dict[str, list[str]] = read("notes/openings.yaml")
        self._used: Counter[int] = Counter()
        self._opened: Counter[str] = Counter()
        self._said: dict[int, set[int]] = {}
        self._dice = Dice("notes")

    def write(self, plan: Plan, talk: Talk, person: Person) -> Written:
        """The note of one contact."""
        words = self._words(plan, person)
        if talk.is_last_word:
            return self._last_word(plan, words)
        count = self._dice.between(2, 3) if talk.kind.is_face_to_face else 1
        chosen = self._choose(plan, talk, count)
        body = "".join(fragment.text for fragment in chosen).format_map(words)
        # A step follows from what was said last.
        steps = chosen[-1].steps
        step = self._dice.pick(steps).format_map(words) if steps else "约时间再谈"
        return Written(self._opening(talk.kind, words) + body, Outcome(chosen[-1].outcome), step)

    def _last_word(self, plan: Plan, words: dict[str, str]) -> Written:
        fitting = self._endings[plan.status.value]
        fragment = min(fitting, key=lambda one: (self._used[one.key], one.key))
        self._used[fragment.key] += 1
        text = fragment.text.format_map(words)
        return Written(text, Outcome(fragment.outcome), "", fragment.reason)

    def _opening(self, kind: InteractionKind, words: dict[str, str]) -> str:
        options = self._openings[kind.value]
        text = min(self._dice.mixed(options), key=lambda one: self._opened[one])
        self._opened[text] += 1
        return text.format_map(words)

    def _choose(self, plan: Plan, talk: Talk, count: int) -> list[Fragment]:
        said = self._said.setdefault(plan.number, set())
        fitting = [one for one in self._fragments if _fits(one, plan, talk)]
        new = [one for one in fitting if one.key not in said] or fitting
        ordered = sorted(self._dice.mixed(new), key=lambda one: self._used[one.key])
        # One note, several matters: two looks at the same plant would read like a list.
        by_theme = {one.theme: one for one in reversed(ordered)}
        chosen = [one for one in ordered if by_theme[one.theme] is one][:count]
        for one in chosen:
            said.add(one.key)
            self._used[one.key] += 1
        return chosen

    def _words(self, plan: Plan, person: Person) -> dict[str, str]:
        firm, numbers = plan.placed.firm, plan.numbers
        dice = Dice(f"words {plan.number}")
        return {
            "who": person.spoken,
            "firm": firm.short,
            "city": firm.city,
            "product": firm.products,
            "node": self._nodes.get(firm.nodes[0], "") if firm.nodes else "",
            "plan": firm.plan + "项目",
            "inv": _spoken(numbers.typed["investment_wan_cny"]),
            "site": numbers.site,
            "energy": f"{numbers.energy:,} 吨标煤",
            "out": money(numbers.output, dice)
            if numbers.output >= 10_000
            else f"{numbers.output} 万元",
            "tax": f"{numbers.tax:,} 万元",
            "jobs": str(numbers.jobs),
            "pollutants": numbers.pollutants,
            "anchor": plan.anchor,
            "rival": plan.rival,
        }


def _spoken(typed: str) -> str:
    """A bare number in a field is said with its unit."""
    return f"{typed} 万元" if typed.isdigit() else typed


def _fits(one: Fragment, plan: Plan, talk: Talk) -> bool:
    firm, numbers = plan.placed.firm, plan.numbers
    needs_node = "{node}" in one.text or any("{node}" in step for step in one.steps)
    needed = {
        "": True,
        "land": numbers.land is not None,
        "floor": numbers.floor is not None,
        "anchor": bool(plan.anchor),
    }
    return (
        talk.phase in one.phases
        and firm.trade in one.trades
        and needed[one.needs]
        and (firm.is_foreign or not one.foreign_only)
        and (not one.honour or any(text.startswith(one.honour) for text in firm.honours))
        and (bool(firm.nodes) or not needs_node)
        and (not one.nodes or bool(one.nodes.intersection(firm.nodes)))
        and one.source in ("", plan.source)
        and _kind_fits(one.kinds, talk.kind)
    )


def _kind_fits(kinds: str, kind: InteractionKind) -> bool:
    """v: on a visit; f: at either's place; r: by phone or writing; n: a remark; nothing: a talk."""
    if kind is InteractionKind.NOTE:
        return kinds == "n"
    if kinds == "v":
        return kind is InteractionKind.VISIT
    if kinds == "f":
        return kind.is_face_to_face and kind is not InteractionKind.MEETING
    if kinds == "r":
        return kind in _SPOKEN
    return not kinds


def choose_person(plan: Plan, dice: Dice) -> Person:
    """Whom one talks with: mostly the one who decides."""
    people: Sequence[Person] = plan.placed.people
    return people[0] if dice.chance(55) else dice.pick(people)
