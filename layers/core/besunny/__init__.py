"""All logic of the bundle; Lambda handlers in `functions/` are thin calls into it."""
