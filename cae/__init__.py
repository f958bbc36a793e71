"""A convolutional autoencoder that turns a 28×28 image into 49 numbers and back, to see and to touch."""
