"""Muon for convolutions: each step subtracts the orthogonalised momentum, so that all directions move alike.

A kernel (k, k, C, F) is taken as a matrix (k·k·C, F). The nearest matrix with orthonormal rows or columns to its
momentum, scaled by the learning rate, is subtracted from it.
Biases, narrow layers and the first, which sees one channel, are left to Adam.

Sources: K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; the size of a step: J. Liu
et al., "Muon is scalable for LLM training", 2025, section 2.2. Keras' own Muon leaves all convolutions to Adam.
"""

from typing import Any

import keras
from keras import ops

from cae.model.specification import NARROW

ADAM_LR_RATIO = 0.25
"""Adam's learning rate to Muon's."""


def own_memory(variables: list[keras.Variable]) -> None:
    """Give each variable memory of its own.

    Under JAX, Keras sets a variable to its average by sharing the average's memory, which the next step frees for both.
    """
    for variable in variables:
        variable.assign(ops.copy(variable.value))


class Muon(keras.optimizers.Muon):
    """Keras' Muon, extended to convolution kernels; without weight decay unless told, and never on what Adam trains."""

    def __init__(self, learning_rate: Any, **options: Any) -> None:
        options = {"adam_lr_ratio": ADAM_LR_RATIO, "weight_decay": None, "adam_weight_decay": None} | options
        super().__init__(learning_rate, **options)

    def _should_use_adamw(self, variable: keras.Variable) -> bool:
        return len(variable.shape) != 4 or variable.shape[-1] <= NARROW or variable.shape[-2] == 1

    def finalize_variable_values(self, var_list: list[keras.Variable]) -> None:
        super().finalize_variable_values(var_list)
        own_memory(var_list)

    def _muon_update_step(self, gradient: Any, variable: keras.Variable, lr: Any, m: keras.Variable) -> None:
        self.assign_add(m, (1 - self.momentum) * (gradient - m))
        towards = gradient + self.momentum * (m - gradient)
        matrix = ops.reshape(towards, (-1, variable.shape[-1]))
        step = self.lr_adjust(lr * self.zeropower_via_newtonschulz5(matrix, self.ns_steps))
        self.assign_sub(variable, ops.reshape(step, variable.shape))
