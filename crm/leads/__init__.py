"""Leads from first report to signing: intake, gates, stage log, hand-over."""
