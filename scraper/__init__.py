"""Pages become findings: fetch, listings, articles, reports. No database, no alerts, no clock."""
