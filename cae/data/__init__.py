"""Data sets: published ones, photographs, and folders or archives of one's own."""
