"""A 3×3 convolution of a twice enlarged image, computed on the small image: same result, a quarter of the products.

Nearest-neighbour upsampling repeats each value, so along one axis, with x the small signal, k the kernel, s = k₀+k₁+k₂
and the difference d[i] = x[i−1] − x[i], the "same" convolution of the enlarged signal is

    y[2i]   = k₀·x[i−1] + (k₁+k₂)·x[i] = s·x[i] + k₀·d[i]
    y[2i+1] = (k₀+k₁)·x[i] + k₂·x[i+1] = s·x[i] − k₂·d[i+1]

three products for two outputs. The same along the other axis gives nine matrix products for four outputs where the
direct way takes thirty-six. This is Winograd's minimal filtering (Lavin & Gray 2016, section 4) for repeated inputs.
"""

import keras
from keras import KerasTensor, layers, ops


def convolve_upsampled(x, kernel):
    """What a "same" convolution with `kernel` (3, 3, C, F) makes of x (N, h, w, C) enlarged 2×: (N, 2h, 2w, F)."""
    _, h, w, _ = x.shape
    filters = kernel.shape[-1]
    over_rows, over_columns = ops.sum(kernel, axis=0), ops.sum(kernel, axis=1)

    def left_minus_right(z):
        z = ops.pad(z, ((0, 0), (0, 0), (1, 1), (0, 0)))
        return z[:, :, :-1] - z[:, :, 1:]

    def upper_minus_lower(z):
        z = ops.pad(z, ((0, 0), (1, 1), (0, 0), (0, 0)))
        return z[:, :-1] - z[:, 1:]

    vertical = upper_minus_lower(x)
    plain = ops.matmul(x, ops.sum(over_rows, axis=0))
    across = ops.matmul(left_minus_right(x), ops.concatenate([over_rows[0], -over_rows[2]], axis=-1))
    down = ops.matmul(vertical, ops.concatenate([over_columns[0], -over_columns[2]], axis=-1))
    both = ops.matmul(
        left_minus_right(vertical),
        ops.concatenate([kernel[0, 0], -kernel[0, 2], -kernel[2, 0], kernel[2, 2]], axis=-1),
    )

    def phase(row: int, column: int):
        corner = 2 * row + column
        return (
            plain
            + across[:, :, column : column + w, column * filters : (column + 1) * filters]
            + down[:, row : row + h, :, row * filters : (row + 1) * filters]
            + both[:, row : row + h, column : column + w, corner * filters : (corner + 1) * filters]
        )

    rows = [ops.stack([phase(row, 0), phase(row, 1)], axis=3) for row in (0, 1)]
    return ops.reshape(ops.stack(rows, axis=2), (-1, 2 * h, 2 * w, filters))


class UpsampledConvolution(layers.Layer):
    """Upsampling and the given 3×3 convolution in one step, with that convolution's own weights and activation."""

    def __init__(self, convolution: layers.Conv2D) -> None:
        super().__init__(name=f"{convolution.name}_fast", dtype=convolution.dtype_policy)
        self.convolution = convolution

    def call(self, x):
        kernel = ops.cast(self.convolution.kernel, self.compute_dtype)
        y = convolve_upsampled(x, kernel) + ops.cast(self.convolution.bias, self.compute_dtype)
        return self.convolution.activation(y)

    def compute_output_spec(self, x) -> KerasTensor:
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
