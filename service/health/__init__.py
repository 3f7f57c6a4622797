"""What must not go unnoticed: incidents, signs of life, the machine it runs on."""
