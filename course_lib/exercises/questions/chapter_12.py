"""Questions of chapter 12: the instance context encoder."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A thing of 16 × 16 pixels lies in the picture. What can C5, at stride 32, know of it?",
        (
            Answer(
                "Nothing: it lies below the stride.",
                "Its pixels enter the cell they lie in. They are only one part of what that cell tells.",
            ),
            Answer(
                "As much as C3: deeper features hold everything that came before.",
                "The probes say otherwise: for small things C5 is far behind C3.",
            ),
            Answer(
                "What fits into a quarter of a cell: it shares its vector with what is around it.",
                "16² / 32² = 1/4.",
                True,
            ),
        ),
    ),
    Question(
        "The encoder without pooling, gates held, reads the same scene enlarged to twice the sides. What share of "
        "C5's map does one place of X read?",
        (
            Answer(
                "Half as much of each side as before: the reach is fixed in cells.",
                "4 cells a side, however large the map. Pooling is what always reads all of it.",
                True,
            ),
            Answer(
                "As much as before: the maps grow with the picture.", "They get more cells, and X reads as few as ever."
            ),
            Answer("All of it: what comes down by addition is global.", "It lies within what is read already."),
        ),
    ),
    Question(
        "A picture's X is computed alone, and again in a batch beside a wider picture. Why does it change even far from the "
        "padding?",
        (
            Answer(
                "Batch normalisation mixes the pictures of a batch.",
                "The wider canvas alone changes X, with no other picture in it.",
            ),
            Answer(
                "Means over the whole map count the padding: in pooling, and in the gates of the backbone.",
                "Switch both off and the far side does not change.",
                True,
            ),
            Answer("Convolutions carry the zeros inwards.", "They do, as far as they reach: near the padding."),
            Answer(
                "Resizing a wider map gives other values everywhere.",
                "Each place reads two neighbouring cells, in a wide map as in a narrow one.",
            ),
        ),
    ),
    Question(
        "The same elephant twice, with exactly the same features and without coordinates. A linear detector is fitted by "
        "least squares: 1 on the left one, 0 on the right. What does it answer?",
        (
            Answer(
                "1 and 0, if the features have enough channels.", "Equal inputs give equal outputs, with any weights."
            ),
            Answer(
                "0 for both: it cannot be sure, so it stays silent.",
                "That would be fully wrong on the left one. Squares prefer two errors of one half.",
            ),
            Answer("One half for both.", "The best single number for targets of 1 and 0.", True),
        ),
    ),
    Question(
        "A linear probe reads the height y off C5 quite well. With circular padding in every convolution it hardly does any "
        "more. What did y come from?",
        (
            Answer("From the zeros around the maps.", "Without a border nothing says where the picture ends.", True),
            Answer(
                "From the scenes: sky is above, ground below.",
                "Sky and ground are there with circular padding too, and give next to nothing.",
            ),
            Answer(
                "From the probe, which learned it.",
                "The same probe is fitted in both cases. What it finds must be in the features.",
            ),
            Answer("From the loss: the encoder was taught y.", "No loss asked for it."),
        ),
    ),
)
