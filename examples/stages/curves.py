import numpy as np
from keras import Sequential

from cae.data.mnist import MNIST
from cae.model.network import build_autoencoder

digits = [MNIST.examples.image(name) for name in "0123456789"]
pictures = np.stack(digits)[..., np.newaxis] / 255

model = Sequential(build_autoencoder())
model.compile("adam", "mse")
model.fit(pictures, pictures, epochs=5)
