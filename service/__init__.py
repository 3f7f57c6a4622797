"""The assembly: poll, deliver, health, daemon, demo, commands. The only room that knows all the others."""
