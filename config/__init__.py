"""What to watch and whom to tell: typed settings, and the catalogue of sources. Knows no other room but the models."""
