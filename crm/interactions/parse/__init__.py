"""Reads a pasted chat or free text into suggestions; what is done with them is a person's choice.

Pure: the day, the firms and the people to look for are arguments. Nothing here raises for any text,
and every suggestion quotes the words it comes from.
"""

from collections.abc import Callable, Sequence
from datetime import date

from crm.interactions.parse.chat import Message, read_chat
from crm.interactions.parse.days import day_suggestions
from crm.interactions.parse.figures import figure_suggestions
from crm.interactions.parse.kinds import kind_suggestions
from crm.interactions.parse.names import firm_suggestions, people_suggestions
from crm.interactions.parse.steps import step_suggestions
from crm.interactions.parse.suggestion import Suggestion

__all__ = ["Message", "Suggestion", "read", "read_chat"]

LONGEST = 20_000
MOST = 16


def read(text: str, *, on: date, firms: Sequence[tuple[str, int]] = ()) -> list[Suggestion]:
    """What a text seems to say, at most `MOST` suggestions, at most one per field and value.

    `on` is the day on which the text was written; a message of a chat has its own day. `firms` are
    names to look for, with ids; the longest name at a place wins.
    """
    text = text[:LONGEST]
    messages = read_chat(text, on=on)
    found: list[Suggestion] = []
    if messages:
        found += kind_suggestions(text, is_chat=True)
        found += _said_on(messages, on)
    else:
        messages = [Message("", None, text)]
        found += kind_suggestions(text, is_chat=False)
    found += firm_suggestions(text, firms)
    for message in messages:
        day = message.day or on
        found += _of_message(message, day, on)
    found += people_suggestions(text, [message.speaker for message in messages])
    return _distinct(found)[:MOST]


def _said_on(messages: Sequence[Message], on: date) -> list[Suggestion]:
    """The day of a chat is that of its last message."""
    dated = [message for message in messages if message.day is not None and message.day <= on]
    if not dated or dated[-1].day is None:
        return []
    last = dated[-1]
    return [Suggestion.of_day("occurred_on", dated[-1].day, last.head)]


def _of_message(message: Message, day: date, on: date) -> list[Suggestion]:
    steps = step_suggestions(message.text)
    readers: tuple[Callable[[], list[Suggestion]], ...] = (
        lambda: steps,
        lambda: day_suggestions(message.text, day, on, [step.source_text for step in steps]),
        lambda: figure_suggestions(message.text),
    )
    return [suggestion for reader in readers for suggestion in reader()]


def _distinct(found: Sequence[Suggestion]) -> list[Suggestion]:
    seen: dict[tuple[str, str], Suggestion] = {}
    for suggestion in found:
        seen.setdefault((suggestion.field, suggestion.value), suggestion)
    return list(seen.values())
