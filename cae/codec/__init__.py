"""The .cae codec: file format, entropy coding, and pictures to files and back."""
