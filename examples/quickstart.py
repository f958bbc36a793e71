"""A drawn seven becomes 49 numbers, a picture again, and a file of a few bytes.

pip install . && python examples/quickstart.py
"""

import cae
from cae.imaging.examples import examples_for
from cae.imaging.pixels import quantise

seven = quantise(examples_for("mnist").images()[7, ..., 0])  # any uint8 (H, W) will do
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
