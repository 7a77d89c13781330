"""Plays the leads through in order of time: each deed by its person, through the services."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from crm.core import clock
from crm.core.calendar import is_workday
from crm.core.permissions import Actor
from crm.core.settings import calendar_exceptions
from crm.demo import deeds
from crm.demo.courses import PHASES, Course, Talk, make_course
from crm.demo.dice import Dice
from crm.demo.firms import Placed
from crm.demo.notebook import Note, Notebook
from crm.demo.notes import Writer, choose_person
from crm.demo.people import Cast
from crm.demo.plans import Plan
from crm.demo.reading import read
from crm.interactions.kinds import InteractionKind, Outcome
from crm.leads.contacts import InteractionValues
from crm.leads.models import Lead
from crm.leads.services import assign, name_person, release
from crm.leads.stages import Stage, Status

_OVERRIDDEN = 2
_LOOSE_NOTES = 26
_RECENT = timedelta(days=12)
"""What lies further back is logged many at a time."""
Run = Callable[[date], None]


@dataclass
class Story:
    """A lead while it is played; `lead` stands from the registration on."""

    plan: Plan
    course: Course
    owner: Actor
    lead: Lead = field(init=False)
    named: Actor | None = None
    step: Note | None = None
    reason: str = ""


@dataclass(order=True)
class Deed:
    """Something that happens at a moment; of one moment in the order of leads."""

    at: datetime
    number: int
    place: int
    run: Run = field(compare=False)


class Player:
    """The people, the firms and the calendar before which the stories are played."""

    def __init__(self, cast: Cast, zone: dict[str, int], nodes: dict[str, str]) -> None:
        self.cast = cast
        self.zone = zone
        self.writer = Writer(nodes)
        self.notebook = Notebook()
        self.now = clock.now()
        self.today = clock.today()
        self._workdays = calendar_exceptions()
        self._overridden = 0

    def play(self, plans: Sequence[Plan], placed: Sequence[Placed]) -> None:
        """Everything that happens, from the first day to this one."""
        happenings: list[Deed] = []
        for plan in plans:
            happenings += self._timed(plan.number, plan.dice, self._story(plan))
        dice = Dice("loose")
        loose = read("notes/companies.yaml")
        targets = [one for one in placed if not one.firm.has_lead or one.firm.in_zone]
        for number in range(_LOOSE_NOTES):
            one, text = targets[number % len(targets)], loose[number % len(loose)]
            run = self._loose_note(one, text, Dice(f"loose {number}"))
            happenings += self._timed(1000 + number, dice, [(dice.between(0, 500), run)])
        for deed in sorted(happenings):
            with clock.frozen(deed.at):
                deed.run(clock.day_of(deed.at))
        self.notebook.write_up()

    def _timed(self, number: int, dice: Dice, runs: Sequence[tuple[int, Run]]) -> list[Deed]:
        """Deeds with their moments: in office hours of a working day, one after the other."""
        found: list[Deed] = []
        for place, (ago, run) in enumerate(runs):
            at = self._moment(self._day(ago), dice)
            if found and at <= found[-1].at:
                at = found[-1].at + min(timedelta(minutes=7), (self.now - found[-1].at) / 8)
            found.append(Deed(at, number, place, run))
        return found

    def _day(self, ago: int) -> date:
        """A day so many days ago; weekends and holidays give the working day before."""
        day = self.today - timedelta(days=ago)
        while ago > 1 and not is_workday(day, self._workdays):
            day -= timedelta(days=1)
        return day

    def _moment(self, day: date, dice: Dice) -> datetime:
        start = clock.start_of(day)
        if day == self.today:
            return start + (self.now - start) * (0.5 + 0.3 * dice.share())
        return start + timedelta(minutes=dice.between(9 * 60, 17 * 60 + 30))

    def _story(self, plan: Plan) -> list[tuple[int, Run]]:
        course = make_course(plan)
        story = Story(plan, course, self._first_owner(plan, course))
        runs: list[tuple[int, Run]] = [(course.received, self._register(story))]
        moves = dict(course.moves)
        for stage in Stage:
            if stage in moves:
                runs.append((moves[stage], self._move(story, stage)))
            talks = [talk for talk in course.talks if talk.phase == PHASES[stage]]
            runs += [(talk.ago, self._talk(story, talk)) for talk in talks]
        if course.ended is not None:
            runs.append((course.ended, self._finish(story)))
        if course.released is not None:
            runs.append((course.released, self._release(story)))
        return runs

    def _first_owner(self, plan: Plan, course: Course) -> Actor:
        """Now and then another officer had the lead until the first move."""
        officers = self.cast.officers[plan.team]
        if plan.number % 12 == 5 and course.moves and plan.owner in officers:
            return officers[officers.index(plan.owner) - 1]
        return plan.owner

    def _register(self, story: Story) -> Run:
        def run(on: date) -> None:
            plan = story.plan
            actor = story.owner if plan.registrar == plan.owner else plan.registrar
            story.lead = deeds.register(plan, actor, story.owner, on, self.zone)

        return run

    def _move(self, story: Story, to: Stage) -> Run:
        def run(on: date) -> None:
            self._catch_up(story)
            plan, head = story.plan, self.cast.leads[story.plan.team]
            gap = (
                to is Stage.APPRAISING
                and plan.stage is to
                and plan.status is Status.ACTIVE
                and self._overridden < _OVERRIDDEN
            )
            self._overridden += gap
            deeds.move(plan, story.lead, to, (story.owner, head), on, gap=gap)
            if story.owner != plan.owner and plan.owner.id is not None:
                assign(actor=head, lead=story.lead, owner_id=plan.owner.id, on=on,
                       note="按产业分工调整。")  # fmt: skip
                story.owner = plan.owner
            if to is Stage.NEGOTIATING and plan.number % 4 == 1:
                self._name(story)

        return run

    def _name(self, story: Story) -> None:
        """A colleague of another section helps, who then sees the lead too."""
        others = [
            person
            for team, people in self.cast.officers.items()
            if team != story.plan.team
            for person in people
        ]
        helper = story.plan.dice.pick(others)
        if helper.id is not None:
            name_person(actor=story.owner, lead=story.lead, user_id=helper.id)
            story.named = helper

    def _talk(self, story: Story, talk: Talk) -> Run:
        def run(on: date) -> None:
            plan, dice = story.plan, story.plan.dice
            person = choose_person(plan, dice)
            written = self.writer.write(plan, talk, person)
            story.reason = written.reason or story.reason
            values: InteractionValues = {
                "kind": talk.kind,
                "occurred_on": on,
                "text": written.text,
                "outcome": None if talk.kind is InteractionKind.NOTE else written.outcome,
                "lead_id": story.lead.id,
                "contact_ids": [] if talk.kind is InteractionKind.NOTE else [person.id],
                "participant_ids": self._colleagues(story, talk),
            }
            if written.step:
                values["next_step"] = written.step
                values["next_on"] = self._due(story, talk, on)
            by_helper = story.named is not None and dice.chance(20) and not talk.is_last_word
            actor = story.named if by_helper and story.named else story.owner
            note = Note(actor, on, values, settles=story.step)
            self._log(note)
            story.step = note if note.has_step else None

        return run

    def _log(self, note: Note) -> None:
        if note.on > self.today - _RECENT:
            self.notebook.log(note)
        else:
            self.notebook.keep(note)

    def _catch_up(self, story: Story) -> None:
        """What was said counts before a lead moves."""
        if self.notebook.waits_for(story.lead.id):
            self.notebook.write_up()

    def _colleagues(self, story: Story, talk: Talk) -> list[int]:
        if not talk.kind.is_face_to_face:
            return []
        mates = [p for p in self.cast.officers[story.plan.team] if p != story.owner]
        chosen = story.plan.dice.some(mates, story.plan.dice.between(0, 2))
        return [person.id for person in chosen if person.id is not None]

    def _due(self, story: Story, talk: Talk, on: date) -> date:
        """The open step's day, else about the day of the next contact."""
        later = story.course.talks[story.course.talks.index(talk) + 1 :]
        if not later:
            offset = story.course.open_step
            return max(on, self.today + timedelta(days=offset if offset is not None else 10))
        due = self._day(later[0].ago) - timedelta(days=story.plan.dice.between(0, 2))
        return max(on + timedelta(days=1), due)

    def _finish(self, story: Story) -> Run:
        def run(on: date) -> None:
            self._catch_up(story)
            deeds.finish(story.plan, story.lead, story.owner, on, story.reason)

        return run

    def _release(self, story: Story) -> Run:
        def run(on: date) -> None:
            self._catch_up(story)
            head = self.cast.leads[story.plan.team]
            release(actor=head, lead=story.lead, on=on, note="超过期限未接触，退回公海。")

        return run

    def _loose_note(self, one: Placed, text: str, dice: Dice) -> Run:
        """A note on a firm without a lead."""

        def run(on: date) -> None:
            team = dice.pick(sorted(self.cast.officers))
            kind = InteractionKind.CALL if "电话" in text else InteractionKind.VISIT
            values: InteractionValues = {
                "kind": kind,
                "occurred_on": on,
                "text": text,
                "outcome": Outcome.FLAT,
                "company_ids": [one.id],
                "contact_ids": [one.people[0].id],
            }
            self._log(Note(dice.pick(self.cast.officers[team]), on, values))

        return run
