import numpy as np
from keras import ops

from cae.model import network, store

encoder, decoder = network.build_autoencoder()
weights = store.load("mnist").weights("encoder", "decoder")
network.set_weights(weights, encoder, decoder)

picture = np.zeros((1, 28, 28, 1), "float32")
picture[:, 4:24, 13:16] = 1
error = ops.clip(decoder(encoder(picture)), 0, 1) - picture
row = ops.convert_to_numpy(error)[0, 14, :, 0]
print(np.round(row, 2))  # above 0: too bright, below 0: too dark
