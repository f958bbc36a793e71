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
    tab: str = ""
    """The text of the button that shows the part of the page that it needs: on Play on phones alone."""
    undo: tuple[str, ...] = ()
    """The `data-testid` of what is put back when the card is left."""


CARDS = (
    Card(
        "Three numbers through two",
        "",
        "Three numbers are squeezed into two: a level and a slope. Which threes come back?",
        ("All", "Those that follow a pattern", "None"),
        "Find three numbers that come back exactly, then three that do not.",
        "toy",
        "A straight line returns; a bump is flattened.",
        "Two numbers have room for one pattern. Training finds the pattern.",
    ),
    Card(
        "A picture is numbers",
        "",
        "You draw a line. What does the network receive?",
        ("A line", "A grid of grey values", "A photograph"),
        "Add a stroke to the pad.",
        "drawn",
        "Of 784 numbers, {now} changed.",
        "28 × 28 grey values are all that it gets. Its layers look at them through small windows.",
        ("drawing-pad", "original"),
    ),
    Card(
        "What survives?",
        "",
        "Draw something unlike its training pictures: a house, a star. How does it come back?",
        ("As well as before", "Blurred or bent", "Not at all"),
        "Clear the pad and draw it.",
        "drawn",
        "Relative to the picture, off by {before} before, by {relative} now.",
        "It learned which strokes its training pictures have. What they never had costs most.",
        ("drawing-pad", "reconstruction"),
    ),
    Card(
        "49 numbers",
        "",
        "You change one of the 49 numbers. How much of the picture changes?",
        ("One pixel", "A patch", "Everything"),
        "Drag a bright cell of the code up or down, or press the arrow keys on it.",
        "edited",
        "{pixels} of 784 pixels changed.",
        "The decoder’s filters spread each number over its neighbourhood, where it mixes with the others.",
        ("latent", "reconstruction"),
        "Code",
        ("code-resetAll",),
    ),
    Card(
        "Where is it stored?",
        "",
        "You draw one dot in a corner. Which of the 49 numbers react?",
        ("All of them", "Those in that corner", "One in the middle"),
        "Clear the pad and draw a dot in a corner.",
        "corner",
        "The largest number: {place}.",
        "Filters and pooling keep places: each number looks at the window around it.",
        ("drawing-pad", "latent"),
    ),
    Card(
        "What the decoder invents",
        "",
        "48 numbers are zero, one is at its largest. What does the decoder draw?",
        ("A grey square", "Something nobody drew", "Nothing"),
        "Press “All zero”, then turn one cell up to its end.",
        "single",
        "Brightest pixel: {brightest} of full brightness.",
        "No picture has such a code. The decoder answers all the same, with what it makes up.",
        ("cell", "reconstruction"),
        "Code",
        ("code-resetAll",),
    ),
    Card(
        "Learning",
        "",
        "Training passes over all pictures 20 times. When can you recognise yours?",
        ("Early", "About halfway", "At the end"),
        "Draw or pick a digit. Go back to before training, then forward until you recognise it.",
        "epoch",
        "Epoch {epoch}: off by {error}; finished: {errorBefore}.",
        "The first steps remove the large errors. The rest of the time goes into details.",
        ("loss-curves", "reconstruction"),
        "Learning",
    ),
    Card(
        "When training dies",
        "train",
        "A dead network answers every picture with one grey. Which grey costs least?",
        ("Black", "The mean of all pixels", "Middle grey, 0.5"),
        "Move “Your grey” until a lower loss is impossible.",
        "grey",
        "The best grey: {grey}.",
        "Zeros behind ReLU pass no gradient, so that only a constant is learned. The loss still fell!",
        ("stSlider",),
        "Collapse",
    ),
    Card(
        "Noise",
        "",
        "You add noise. Does it come back?",
        ("All of it", "Less of it", "More of it"),
        "Choose a kind of noise below “The network sees”.",
        "noise",
        "Noise: {noise} off. Drawn again: {error}. Denoised: {denoised}.",
        "49 numbers have no room for what follows no pattern. The denoiser was trained to clean what is left.",
        ("noise", "reconstruction", "denoised"),
        "Denoised",
        ("noise",),
    ),
    Card(
        "Between two",
        "codes",
        "Halfway between two pictures, what does the decoder draw?",
        ("Both, one over the other", "One shape between them", "Noise"),
        "Move the slider from one picture to the other.",
        "way",
        "Compare “through the code” with “cross-fade” at {way}.",
        "The decoder draws connected strokes from any 49 numbers. Not all of them are a digit.",
        ("way",),
    ),
    Card(
        "What a byte costs",
        "compress",
        "You lower the quality to 1. What becomes of the file?",
        ("Nothing", "A few bytes fewer", "A tenth is left"),
        "Move the quality to 1.",
        "quality",
        "{bytesBefore} before, {bytes} now.",
        "Coarser steps leave fewer different values, and frequent values get short codes. Header and checksum stay.",
        ("stSlider",),
    ),
)

PLANS = {5: (1, 2, 3), 20: (0, 1, 2, 3, 5, 6, 9), 45: tuple(range(len(CARDS)))}
"""By minutes, the cards of a plan."""


def as_data() -> dict[str, object]:
    """What the browser is told."""
    return {"cards": [asdict(card) for card in CARDS], "plans": PLANS}
