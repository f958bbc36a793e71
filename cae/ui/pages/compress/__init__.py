"""The page Compress: a picture, a photograph or a file, and what beside it."""
