"""A convolutional autoencoder that turns a 28×28 image into 49 numbers and back, to see and to touch."""


class CaeError(Exception):
    """The base of all errors of this package whose message is one plain sentence: what is wrong, and what to do."""
