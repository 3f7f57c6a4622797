"""How announcements speak of inspections: one module a question, each with its cues in tables."""
