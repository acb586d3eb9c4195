"""The few AWS clients, made on first use."""
