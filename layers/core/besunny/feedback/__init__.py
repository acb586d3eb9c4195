"""What a tenant's people said of classifications: corrections, and the queue of those to look at."""
