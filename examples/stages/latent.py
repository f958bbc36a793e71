import numpy as np

from cae.model import network, store

encoder = network.build_encoder()
network.set_weights(store.load("mnist").weights("encoder"), encoder)

picture = np.zeros((1, 28, 28, 1), "float32")
picture[:, 4:24, 13:16] = 1
code = encoder(picture)
print(np.round(code[0, ..., 0], 1))  # 7 × 7 numbers
