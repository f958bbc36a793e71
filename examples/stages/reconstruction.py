import numpy as np
from keras import ops

from cae.model import network, store

encoder, decoder = network.build_autoencoder()
weights = store.load("mnist").weights("encoder", "decoder")
network.set_weights(weights, encoder, decoder)

picture = np.zeros((1, 28, 28, 1), "float32")
picture[:, 4:24, 13:16] = 1
again = ops.clip(decoder(encoder(picture)), 0, 1)
mse = float(ops.mean(ops.square(again - picture)))
print(f"MSE {mse:.5f}, PSNR {-10 * np.log10(mse):.1f} dB")
