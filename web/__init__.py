"""The archive, seen: pages, charts, JSON, feeds. Reads the archive, writes nothing."""
