from keras import Sequential, layers

encoder = Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(128, 3, padding="same", activation="relu"),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.Conv2D(8, 1, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.Conv2D(2, 1, padding="same", activation="relu"),
        layers.Conv2D(1, 1, padding="same"),
    ]
)
print(encoder.output_shape, encoder.count_params())
