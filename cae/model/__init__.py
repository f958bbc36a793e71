"""The network: its specification, its Keras models, its devices, and the folders in which trained models are stored."""
