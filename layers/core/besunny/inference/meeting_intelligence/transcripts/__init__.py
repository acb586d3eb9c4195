"""Transcripts as they come: plain text, WebVTT, SRT, or segments under many names. `intake` is the way in."""
