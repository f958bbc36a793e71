import numpy as np
from keras import ops

from cae.model import denoising, network, store

autoencoder = network.build_autoencoder()
denoiser = network.build_autoencoder()
model = store.load("mnist")
network.set_weights(model.weights("encoder", "decoder"), *autoencoder)
network.set_weights(model.weights("denoiser"), *denoiser)


def through(pair, x):
    encoder, decoder = pair
    return ops.clip(decoder(encoder(x)), 0, 1)


picture = np.zeros((1, 28, 28, 1))
picture[:, 4:24, 13:16] = 1
noise = np.random.default_rng(0).normal(0, 0.3, picture.shape)
again = through(autoencoder, np.clip(picture + noise, 0, 1))
twice, answer = through(autoencoder, again), through(denoiser, again)
denoised = denoising.denoised(again, answer, twice)
print("reconstruction MSE", float(ops.mean((again - picture) ** 2)))
print("denoised MSE", float(ops.mean((denoised - picture) ** 2)))
