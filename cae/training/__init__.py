"""Training: autoencoder, denoiser, the codec's variants and context models, and experiments on training itself."""
