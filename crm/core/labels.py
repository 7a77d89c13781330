"""Enumerations whose members carry the Chinese word of the screens. Pure: no Flask here."""

from enum import StrEnum
from typing import Self


def N_(text: str) -> str:
    """Mark a text for the catalogue; whoever shows it translates it."""
    return text


class LabelledEnum(StrEnum):
    """A string enumeration with a label: `CALL = "call", N_("电话")`."""

    label: str
    position: int
    """Place in the order of definition, counted from 0."""

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.position = len(cls.__members__)
        return member

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The member whose value or Chinese label is `text`, as files and forms give it."""
        wanted = text.strip()
        for member in cls:
            if wanted in (member.value, member.label):
                return member
        return None
