"""How it works: the 20 layers one by one."""

import streamlit as st

from cae.model.specification import DECODER, DECODER_PARAMETERS, ENCODER, ENCODER_PARAMETERS, PARAMETERS, layer_sizes

LAST_SIDE = 7


def page() -> None:
    """The whole page."""
    st.title(f"Twenty layers, {PARAMETERS:,} parameters", anchor=False)
    st.markdown(
        "An **autoencoder** is asked for one thing: to give back the picture it was shown. The difficulty is in the "
        "middle, where all 784 pixels must pass through **49 numbers**. What survives is what the network has learned "
        "to be worth keeping."
    )
    encoder, decoder = st.columns(2, gap="large")
    with encoder:
        _half("Encoder", ENCODER, 28, ENCODER_PARAMETERS)
    with decoder:
        _half("Decoder", DECODER, LAST_SIDE, DECODER_PARAMETERS)
    st.markdown(
        "**Convolution**: each output pixel is a weighted sum of a small window over all channels, the same weights "
        "everywhere. **Max pool**: of each 2×2 pixels the largest stays. **Upsample**: each pixel becomes 2×2. "
        "**ReLU** cuts negative values off; **linear** lets the code take any value; **tanh** keeps the output within "
        "−1 and 1.\n\n"
        "The **denoiser** is a second instance of the same network. It sees reconstructions and has learned to give "
        "back the originals: what noise has left behind goes. But every pass through 49 numbers loses something, also "
        "of a clean picture. How much, the first network tells when it is shown its own reconstruction; where "
        "both networks change little, the picture is clean, and what was lost is added back instead.\n\n"
        "Source: S. Bhattacharya, *Image Compression using Convolutional Autoencoder*, MSc research project, National "
        "College of Ireland, 2020. The weights here are trained anew."
    )


def _half(title: str, layers: tuple, side: int, parameters: int) -> None:
    st.markdown(f"**{title}: {parameters:,} parameters**")
    rows = [
        f"| {index} | {size.description} | {size.side}×{size.side}×{size.channels} | {size.parameters:,} |"
        for index, size in enumerate(layer_sizes(layers, side), start=1)
    ]
    st.markdown("\n".join(["| no. | layer | output | parameters |", "|--:|---|---|--:|", *rows]))
