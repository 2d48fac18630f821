"""Questions of chapter 07: the losses."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A matte is frozen at its first frame while the person moves. What does the coherence loss charge?",
        (
            Answer(
                "Nothing: a frozen matte does not flicker.",
                "That is the loss which forbids change. This one compares with the truth.",
            ),
            Answer(
                "As much as the truth would pay under a loss that forbids change.",
                "Its error changes by exactly what the truth moves.",
                True,
            ),
            Answer(
                "A constant, since the error stays.",
                "The error of a frozen matte grows and shrinks as the person moves.",
            ),
        ),
    ),
    Question(
        "All of a matte is 0.2 too high, and nothing is clamped. Which of the three terms of alpha objects?",
        (
            Answer("All three, by the same amount.", "Two of them only look at differences, in space or in time."),
            Answer(
                "L1 and the Laplacian, since both compare every pixel.",
                "A constant survives the way down and up, so no layer holds it.",
            ),
            Answer(
                "L1 alone.",
                "The pyramid leaves its remainder out, and an error that stays is free for coherence.",
                True,
            ),
        ),
    ),
    Question(
        "A blurred outline and a lost hand have the same L1. Why does the Laplacian loss charge much more for the hand?",
        (
            Answer(
                "A lost hand is one large error, and the coarse layers that see it weigh most.",
                "The blur sits in the finest layer, which weighs least.",
                True,
            ),
            Answer(
                "The hand has more edges, and this is an edge loss.",
                "Then the blur, which is all edge, would be dearer.",
            ),
            Answer(
                "The blur is averaged away when the picture is shrunk.",
                "It costs little, but it is in the finest layer in full.",
            ),
        ),
    ),
    Question(
        "A hair is at this pixel in fewer than half of the possible truths. What answer does L1 alone ask for?",
        (
            Answer("A pale grey: the mean of the truths.", "That is what squares ask for."),
            Answer("No hair at all.", "L1 asks for the median, and that is 0.", True),
            Answer(
                "Sometimes a hair and sometimes none, as often as it is there.",
                "One answer is cheapest, and it is the same each time.",
            ),
        ),
    ),
    Question(
        "A pixel of the person has the raw output −0.3, which is clamped to α = 0. How does L1 push this output?",
        (
            Answer("Upwards, as hard as any other wrong pixel.", "L1 pushes α so; but the clamp does not pass it on."),
            Answer(
                "Upwards, and harder than others, since it is further off.",
                "L1 knows no harder, and behind the clamp there is nothing.",
            ),
            Answer("Downwards.", "Nothing asks for less than 0."),
            Answer(
                "Not at all: only pixels that share the network's weights can move it.",
                "Outside [0, 1] the slope of the clamp is 0.",
                True,
            ),
        ),
    ),
)
