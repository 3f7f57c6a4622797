"""Findings, kept: schema, record, outbox, search, export. The only room with SQL; no network."""
