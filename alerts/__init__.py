"""Events become messages, and messages are sent: subscriptions, wording, transports. Never reads a page."""
