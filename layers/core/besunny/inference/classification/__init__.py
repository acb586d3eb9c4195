"""Which of the caller's projects a document belongs to, and what it holds."""
