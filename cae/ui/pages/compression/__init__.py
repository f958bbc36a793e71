"""The compression page: a picture, a photograph or a file, and what beside it."""
