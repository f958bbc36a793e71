"""Training: the autoencoder, the denoiser, the codec's variants and context models, and what is measured of training itself."""
