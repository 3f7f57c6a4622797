"""The field's words: kinds, frameworks, areas, grades, providers, authorities, and how findings resolve to inspections.

Pure: nothing here reads a page, opens a file of the operator's, asks the time or imports another room.
"""
