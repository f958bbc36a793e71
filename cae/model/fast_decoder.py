"""A 3×3 convolution of a twice enlarged image, computed on the small image: same result, fewer than half the products.

Nearest-neighbour upsampling spreads each value over 2×2 pixels, so what the convolution makes of it is spread over 4×4:
upsampling and convolution are one transposed convolution of stride 2, whose kernel is the 3×3 kernel smeared by 2×2
(Odena, Dumoulin & Olah 2016 describe the pair; 16 products per small pixel in place of 36).
"""

import keras
from keras import KerasTensor, layers, ops

from cae.model.specification import Convolution, Layer, Upsample, layer_sizes


def convolve_upsampled(x: KerasTensor, kernel: KerasTensor) -> KerasTensor:
    """What a "same" convolution with `kernel` (3, 3, C, F) makes of x (N, h, w, C) enlarged 2×: (N, 2h, 2w, F)."""
    # A transposed convolution writes where a convolution reads: the kernel is turned, with filters before channels.
    turned = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
    smeared = sum(
        ops.pad(turned, ((down, 1 - down), (across, 1 - across), (0, 0), (0, 0)))
        for down in (0, 1)
        for across in (0, 1)
    )
    return ops.conv_transpose(x, ops.cast(smeared, x.dtype), strides=2, padding="same")


class UpsampledConvolution(layers.Layer):
    """Upsampling and the given 3×3 convolution in one step, with that convolution's own weights and activation."""

    def __init__(self, convolution: layers.Conv2D) -> None:
        super().__init__(name=f"{convolution.name}_fast", dtype=convolution.dtype_policy)
        self.convolution = convolution

    def call(self, x: KerasTensor) -> KerasTensor:
        y = convolve_upsampled(x, self.convolution.kernel) + ops.cast(self.convolution.bias, self.compute_dtype)
        return self.convolution.activation(y)

    def compute_output_spec(self, x: KerasTensor) -> KerasTensor:
        n, h, w, _ = x.shape
        return KerasTensor((n, 2 * h, 2 * w, self.convolution.filters), dtype=self.compute_dtype)


def without_upsampling(model: keras.Model) -> keras.Model:
    """The same chain of layers on the same weights, each pair of upsampling and convolution done in one step."""
    x = inputs = keras.Input(model.input_shape[1:])
    upsampled = False
    for layer in model.layers[1:]:
        if isinstance(layer, layers.UpSampling2D):
            upsampled = True
        else:
            x = UpsampledConvolution(layer)(x) if upsampled else layer(x)
            upsampled = False
    return keras.Model(inputs, x, name=f"{model.name}_fast")


def multiply_adds(specification: tuple[Layer, ...], side: int) -> int:
    """The multiply-adds executed for an input of side×side×1, convolutions after an upsampling computed as here.

    A k×k kernel smeared by 2×2 has (k + 1)² products for each small pixel, in place of k² for each of four.
    """
    sizes, upsampled, total = layer_sizes(specification, side), False, 0
    for layer, size in zip(specification, sizes, strict=True):
        if isinstance(layer, Convolution):
            total += (
                size.multiply_adds * (layer.kernel + 1) ** 2 // (4 * layer.kernel**2)
                if upsampled
                else size.multiply_adds
            )
        upsampled = isinstance(layer, Upsample)
    return total
