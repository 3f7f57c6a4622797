"""What commands print: tables fitted to the terminal, sides by side, the board of sources."""
