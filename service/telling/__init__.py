"""What is due to be told, worked out for each recipient; and what must be told besides news."""
