"""What computes the answers: engines behind one protocol."""
