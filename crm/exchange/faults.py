"""What can be wrong with a file, a row or a cell. Texts are for the catalogue; edges translate."""

from flask_babel import gettext


class Fault(Exception):
    """A text with its values; `str()` gives the Chinese, `shown()` the reader's language."""

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.values = values

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text

    def shown(self) -> str:
        """The message in the language of whoever reads it."""
        return gettext(self.text, **self.values) if self.values else gettext(self.text)


class FileFault(Fault):
    """The file as a whole cannot be imported: nothing of it was."""


class CellFault(Fault):
    """One cell cannot be read."""


class RowFault(Fault):
    """One row cannot be taken over; `column` names the column at fault, empty for the row."""

    def __init__(self, column: str, text: str, /, **values: object) -> None:
        super().__init__(text, **values)
        self.column = column
