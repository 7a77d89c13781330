"""Demo data: a lively zone of plainly made-up firms, dated relative to today."""
