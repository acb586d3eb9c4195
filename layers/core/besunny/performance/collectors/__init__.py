"""Where figures come from. A collector that fails says so; it never answers zeros."""
