"""Meeting intelligence: what was promised, settled and left open, and by whom. Start at `service`."""
