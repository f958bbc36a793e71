"""The lesson: its cards, and the plans that walk through some of them. The component of the same name shows them."""

from dataclasses import asdict, dataclass

MOST_WORDS = 60
"""That the texts of a card may have, all of them together."""


@dataclass(frozen=True)
class Card:
    """One step: a guess, something to do on the live page, what then is to be compared, and why it is so."""

    title: str
    page: str
    """The path of the page that it is about; "" is Play. The toy needs none and stands on Play as well."""
    predict: str
    options: tuple[str, ...]
    """Guesses; none is marked as right or wrong."""
    do: str
    rule: str
    """The name, in rules.js, of how the browser sees that it is done and what it measures."""
    compare: str
    """What to look at; {before}, {now} and the like stand for what the browser has measured."""
    why: str
    marks: tuple[str, ...] = ()
    """The `data-testid` of what the card is about, which is outlined as long as it is to be done."""
    opens: tuple[str, ...] = ()
    """The texts of the buttons that show the parts of the page that it needs."""
    hides: tuple[str, ...] = ()
    """How the `data-testid` of what would give the answer away begin: not to be seen before the guess."""
    undo: tuple[str, ...] = ()
    """The `data-testid` of what is put back when the card is left."""
    more: tuple[str, str] | None = None
    """A page that goes on from here: its path, and what it answers."""


CARDS = (
    Card(
        "Three numbers through two",
        "",
        "Three grey values become two numbers, mean and slope, then three again. Which come back?",
        ("Any three", "Some", "None"),
        "Move the sliders: find three that come back, then three that do not.",
        "toy",
        "Even steps come back, such as 0.2, 0.4, 0.6; others do not.",
        "Two numbers have room for one pattern. An autoencoder learns by itself which one pays.",
    ),
    Card(
        "A picture is numbers",
        "",
        "You draw a line. What does the network get of it?",
        ("A line", "A grid of grey values", "A photograph"),
        "Add a stroke to the pad.",
        "drawn",
        "Of 784 numbers, {now} changed.",
        "28 × 28 grey values are all that it gets. The network is a long chain of sums: it computes with them.",
        ("drawing-pad", "original"),
        ("Draw",),
    ),
    Card(
        "What survives?",
        "",
        "You draw what it never saw in training: a house with a door. How does it come back?",
        ("As well as before", "Blurred or bent", "Not at all"),
        "Clear the pad and draw it.",
        "another",
        "Error as a share of the picture: {before} before, {relative} now.",
        "49 numbers have room for what it learned: large strokes. Small parts get lost.",
        ("drawing-pad", "reconstruction"),
        ("Draw",),
    ),
    Card(
        "49 numbers",
        "",
        "The code, 49 numbers, is all that is kept. You change one. How much of the picture changes?",
        ("One pixel", "A patch", "Everything"),
        "Choose a bright cell; drag it, press arrow keys or move its slider.",
        "edited",
        "{pixels} of 784 pixels changed.",
        "A number stands for 4 × 4 pixels, but the decoder reads it with its neighbours.",
        ("latent", "cell", "reconstruction"),
        ("Code",),
        undo=("code-resetAll",),
    ),
    Card(
        "Where is it stored?",
        "",
        "You draw a dot in a corner. Which numbers react?",
        ("All of them", "Those in that corner", "One in the middle"),
        "Clear the pad; draw a small dot in a corner.",
        "corner",
        "Of 7 × 7 blocks, your dot: {dot}; the largest number: {place}.",
        "Layers look through small windows and keep places: the code is a map.",
        ("drawing-pad", "latent"),
        ("Draw",),
        more=("inside", "the windows, layer by layer"),
    ),
    Card(
        "What the decoder invents",
        "",
        "47 numbers are zero, two neighbours are large. What does the decoder draw?",
        ("A grey square", "A piece of a stroke", "Nothing"),
        "Press “All zero”. Turn one cell up to its end, then one beside it.",
        "pair",
        "Brightest pixel: {alone} for one cell, {brightest} for two.",
        "No picture has such a code. The decoder answers all the same: with strokes.",
        ("cell", "latent", "reconstruction"),
        ("Code",),
        undo=("code-resetAll",),
    ),
    Card(
        "Learning",
        "",
        "Training passes over all pictures 20 times (20 epochs). When can you recognise yours?",
        ("Early", "About halfway", "At the end"),
        "Put a digit on the pad. Go back to “before training”, then forward until you recognise it.",
        "epoch",
        "Epoch {epoch}: off by {error}; finished: {errorBefore}.",
        "The first steps remove the large errors. The rest of the time goes into details.",
        ("loss-curves", "reconstruction"),
        ("Learning",),
        undo=("now",),
        more=("train", "a network of your own"),
    ),
    Card(
        "When training dies",
        "train",
        "A dead network answers every picture with one grey. Which grey is least wrong?",
        ("Black", "The mean of all pixels", "Middle grey, 0.5"),
        "Move “Your grey” until a lower loss (error) is impossible.",
        "grey",
        "The best grey: {grey}, the mean.",
        "A layer of zeros passes nothing on: one answer for all is learned. The loss still fell!",
        ("stSlider",),
        ("Collapse",),
    ),
    Card(
        "Noise",
        "",
        "You sprinkle grey specks, noise, over the picture. Do they come back?",
        ("All of them", "Fewer", "More"),
        "Choose a kind of noise below “The network sees”.",
        "noise",
        "Off by {noise} with noise, {error} drawn again, {denoised} denoised.",
        "49 numbers have no room for what follows no pattern. The denoiser has learned to clean what is left.",
        ("noise", "reconstruction", "denoised"),
        ("Denoised",),
        undo=("noise",),
    ),
    Card(
        "Between two",
        "codes",
        "Halfway between two pictures, what does the decoder draw?",
        ("Both, one over the other", "One shape between them", "Noise"),
        "Move the slider to the left end, then slowly to the middle.",
        "way",
        "Halfway: “through the code” beside “cross-fade”.",
        "The decoder draws connected strokes from any 49 numbers. Not all of them are a digit.",
        ("way", "now-through"),
        ("Between two",),
        hides=("through-", "now-through"),
    ),
    Card(
        "What a byte costs",
        "compress",
        "The 49 numbers are rounded and become a file. You choose quality 1, the coarsest. How large is it?",
        ("As large as before", "A few bytes smaller", "A tenth"),
        "Move “Quality” to 1.",
        "quality",
        "{bytesBefore} before, {bytes} now.",
        "Coarser steps leave fewer different values, and frequent values get short codes. Mark and checksum stay.",
        ("stSlider",),
        ("Draw",),
        more=("evidence", "how good that is"),
    ),
)

PLANS = {5: (1, 2, 3), 20: (0, 1, 2, 3, 5, 6, 9), 45: tuple(range(len(CARDS)))}
"""By minutes, the cards of a plan."""


def as_data() -> dict[str, object]:
    """What the browser is told."""
    return {"cards": [asdict(card) for card in CARDS], "plans": PLANS}
