"""Sources read side by side, each in rounds: what is listed, what of it is new, what a source has lost."""
