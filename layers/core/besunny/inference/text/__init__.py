"""Reading text with no model: sentences, words, keywords, names and figures, mood, language."""
