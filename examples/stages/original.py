import numpy as np
from keras import layers, ops

picture = np.zeros((1, 28, 28, 1), "float32")  # black
picture[:, 4:24, 13:16] = 1  # a white stroke: the digit 1

noise = layers.GaussianNoise(0.2, seed=0)
noisy = ops.clip(noise(picture, training=True), 0, 1)
print(f"from {float(ops.min(noisy))} to {float(ops.max(noisy))}")
