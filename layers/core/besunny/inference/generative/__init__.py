"""What generative engines add to the embedded answers: asked by prompts that are files, checked, and grounded."""
