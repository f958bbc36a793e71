"""What the command line is given for a training that only tests need."""

SHORT_TRAINING = ("--limit", "64", "--batch-size", "4", "--epochs", "4")
"""The least that gives outputs which differ between images; epoch 4's weights are kept only as the last ones."""
