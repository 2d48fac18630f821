"""Questions of chapter 13: instance activation maps."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "The class activation map of “person” is loudest on the woman, and less loud on the man. Which thresholds "
        "show one of them alone?",
        (
            Answer(
                "A high one shows the woman, a low one the man.",
                "Whatever a high threshold finds, a lower one finds too: with the man comes the woman.",
            ),
            Answer("None: it is one map.", "High enough, the woman alone is left."),
            Answer("A high one shows the woman. None shows the man.", "The louder one is in every result.", True),
        ),
    ),
    Question(
        "Somebody adds 3 to all logits of one map. What does that do to the normalised map?",
        (
            Answer(
                "Nothing, with the sigmoid or with the softmax: the division takes it out.",
                "It takes out factors. A constant is a factor for the softmax only.",
            ),
            Answer(
                "Nothing with the softmax. With the sigmoid, the map becomes flatter unless it was flat.",
                "The softmax's factor cancels; the sigmoid's high places saturate and its low ones catch up.",
                True,
            ),
            Answer(
                "Both maps sum to more than before.",
                "Either sums to 1, whatever the logits are.",
            ),
            Answer("With either, the map becomes more pointed.", "A constant favours no place; saturation evens out."),
        ),
    ),
    Question(
        "A fresh network has 50 queries, whose maps are all but flat. What do their vectors look like?",
        (
            Answer(
                "Nearly all alike, close to the mean over the picture.", "IAM starts as CAM. Training parts them.", True
            ),
            Answer("Fifty random directions.", "The weights are random, but what is averaged is the same features."),
            Answer(
                "Zero: no query has found anything yet.",
                "A flat map averages the features of the whole picture all the same.",
            ),
        ),
    ),
    Question(
        "All places under a map have the same features. The loss wants z to move. What happens to the map?",
        (
            Answer(
                "All its places rise, to make z longer.",
                "z is a mean: more of the same leaves it as it is. The division sees to that.",
            ),
            Answer("It shrinks, to free z for other features.", "The gradient by every place under it is 0."),
            Answer("It becomes more pointed.", "No place is better than the mean, so none is preferred."),
            Answer(
                "Nothing: no place under it is pulled.", "Only places that are better or worse than the mean are.", True
            ),
        ),
    ),
    Question(
        "In 16 bits, a map that covers a large picture, and features around 10. Why does it matter when the division "
        "by the map's sum is done?",
        (
            Answer(
                "The product first is more exact, as one rounding fewer is made.",
                "Here its sum does not fit into 16 bits at all.",
            ),
            Answer(
                "A product before the division adds up numbers until the sum exceeds 65,504 and is infinite.",
                "Divided first, all that is summed is a mean.",
                True,
            ),
            Answer(
                "It does not: the two orders are the same formula.", "In real numbers they are. Floats end somewhere."
            ),
        ),
    ),
)
