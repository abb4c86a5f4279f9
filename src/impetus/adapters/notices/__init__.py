"""Ways to people's devices: mail, web push, chat rooms and webhooks, each behind the port `Channel`."""
