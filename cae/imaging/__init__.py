"""Pictures as pixels: reading, preparing and comparing them. Knows nothing of the network."""
