"""A drawn seven becomes 49 numbers, a picture again, and a file of a few bytes.

Run it: pip install . && python examples/quickstart.py
"""

import numpy as np
from PIL import Image, ImageDraw

import cae

image = Image.new("L", (28, 28))
ImageDraw.Draw(image).line([(7, 8), (20, 8), (12, 22)], fill=255, width=3)
seven = np.asarray(image)  # uint8 (28, 28); any size will do
model = cae.load("mnist")

latent = model.encode(seven)
print(f"{seven.size} pixels become {latent.size} numbers from {latent.min():.2f} to {latent.max():.2f}.")

difference = model.decode(latent).astype(float) - seven
print(f"The reconstruction is off by {abs(difference).mean() / 255:.1%} of full brightness on average.")

denoised = model.denoise(seven)
print(f"The denoised picture has {(denoised > 127).sum()} bright pixels, the original {(seven > 127).sum()}.")

coded = model.compress(seven, quality=7)
print(f"The .cae file has {len(coded.data)} bytes, its picture a PSNR of {coded.distortion.psnr:.1f} dB.")
assert (model.open(coded.data) == coded.decoded).all()
