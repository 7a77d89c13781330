"""The base form: strips blanks, refuses NUL bytes, caps lengths, speaks Chinese."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, FormField, StringField, TextAreaField
from wtforms.validators import ValidationError

SHORT_TEXT = 200
LONG_TEXT = 20_000


def clean_text(value: Any) -> Any:
    """Take blanks off both ends and bring line ends to one form."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return value


def no_control_characters(_form: Any, field: Field) -> None:
    """Refuse what no keyboard types and PostgreSQL cannot store; the page shows it without."""
    if not isinstance(field.data, str):
        return
    kept = "".join(c for c in field.data if ord(c) >= 32 or c in "\n\t")
    if kept != field.data:
        field.data = kept
        raise ValidationError(_l("含有不可见的控制字符，已去掉，请核对后再保存。"))


class BaseForm(FlaskForm):
    """Every form of the product; CSRF protection is on by default."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            # Parts that repeat are lists of fields, which clean their own text.
            if not issubclass(unbound_field.field_class, FieldList | FormField):
                options["filters"] = [clean_text, *options.get("filters", [])]
            field = unbound_field.bind(form=form, **options)
            if isinstance(field, StringField | TextAreaField):
                field.validators = [no_control_characters, *field.validators]
            return field

    def add_errors(self, errors: dict[str, list[str]]) -> None:
        """Attach the business's refusals to their fields; unknown fields go to the form."""
        for name, texts in errors.items():
            field = self._fields.get(name)
            if field is not None:
                field.errors = [*field.errors, *texts]
            else:
                self.form_errors: list[str] = [*self.form_errors, *texts]
