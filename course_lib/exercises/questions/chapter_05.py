"""Questions of chapter 05: the recurrent decoder."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Who is foreground is settled at stride 16. Yet without f1, the finest skip, the man gets holes. How can both be true?",
        (
            Answer(
                "It is settled at stride 2 after all.",
                "At stride 16 a linear reading was as good as that grid allows.",
            ),
            Answer("The holes are errors of the edge.", "They are inside: the outline is what survives."),
            Answer(
                "The levels above have to carry the decision up, and these weights need f1 for it.",
                "A level can lose what it was given.",
                True,
            ),
        ),
    ),
    Question(
        "A level is 87 columns wide. The map below, 44 columns wide, is interpolated straight to 87 in place of 88 and a cut. "
        "What is wrong then?",
        (
            Answer("Nothing: the shape is right.", "The shape is, and that is why no error tells you."),
            Answer(
                "Features drift away from the frame, more and more towards the far side.",
                "Each step is a little too short, and the error adds up to nearly a pixel.",
                True,
            ),
            Answer(
                "The last column is lost, which darkens the border of the matte a little more at every level.",
                "No column is lost by stretching. Dark borders come from means that count missing pixels as zeros.",
            ),
        ),
    ),
    Question(
        "You hand three frames of a video to the published network as a batch, (3, 3, H, W). What comes back?",
        (
            Answer("An error: a clip needs five axes.", "A batch of three single frames is a legal input."),
            Answer(
                "The right alpha for all three: each is matted from its own picture.",
                "From the second frame on the memory is part of the answer.",
            ),
            Answer("The right alpha for the first only.", "Each frame is taken for the start of a video.", True),
            Answer(
                "The right alpha for the last only: it has seen the other two.",
                "Frames of a batch do not see one another.",
            ),
        ),
    ),
    Question(
        "At some pixel the projection gives four zeros. What are the foreground and alpha there?",
        (
            Answer("The frame's own colour, and alpha 0.", "The residual corrects nothing, and 0 stays 0.", True),
            Answer("Black, and alpha 0.", "That would be a network that paints F. This one corrects I."),
            Answer("Grey, and alpha ½: a sigmoid of 0.", "There is no sigmoid: both outputs are clamped."),
        ),
    ),
    Question(
        "The frame is halved in height and in width. What becomes of the decoder's parameters and its work?",
        (
            Answer("Both fall to a quarter.", "A kernel has the same weights on every size of picture."),
            Answer("The same parameters, a quarter of the work.", "Each weight is used once per cell.", True),
            Answer(
                "The same parameters, and hardly less work: most weights sit in the deepest block.",
                "Work is weights times cells, and it is the upper blocks that have the cells.",
            ),
        ),
    ),
)
