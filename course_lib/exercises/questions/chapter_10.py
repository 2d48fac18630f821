"""Questions of chapter 10: evaluating mattes."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Two mattes have one MAD. The first has an MSE nearly as large, the second a tiny one. What do you expect to see?",
        (
            Answer(
                "In the first a few pixels that are wholly wrong, in the second an even haze.",
                "MSE against MAD tells how concentrated the error is.",
                True,
            ),
            Answer(
                "In the first errors at the outline, in the second errors inside.",
                "Neither metric knows where an error is.",
            ),
            Answer("The same amount of error, so about the same picture.", "A hole and a haze can have one MAD."),
        ),
    ),
    Question(
        "A person is half as opaque as in the truth, from head to foot. Which metric of the chapter does not notice?",
        (
            Answer("MAD.", "It sees a half of each opaque pixel missing."),
            Answer("Conn.", "Half is more than the 0.15 that it forgives."),
            Answer("Grad.", "It stretches each frame to [0, 1] first, and all slopes are right again.", True),
        ),
    ),
    Question(
        "An interval from resampled frames is far narrower than one from resampled clips. Which one do you print?",
        (
            Answer(
                "That of the frames: more data make one surer.",
                "The next frame of a clip brings little news: most of the variance is between clips.",
            ),
            Answer("That of the clips.", "The other one tells what other frames of these same clips would give.", True),
            Answer("The mean of both.", "They answer different questions."),
        ),
    ),
    Question(
        "The 95 % intervals of two methods on the same clips overlap widely. What follows for the difference between them?",
        (
            Answer("It is luck.", "Much of both intervals is that some clips are hard for both."),
            Answer("It is real, but small.", "The two intervals cannot tell that either."),
            Answer(
                "Nothing yet: look at the interval of the difference per clip.",
                "What makes a clip hard for both cancels there.",
                True,
            ),
        ),
    ),
    Question(
        "A cut through the wrist leaves the hand, right in itself, hanging on nothing. What does Conn charge?",
        (
            Answer(
                "The cut only.",
                "The matte and the truth claim the same of the hand, and Conn compares the two claims.",
                True,
            ),
            Answer(
                "The whole hand, because it floats free.",
                "So the name promises. But λ is 0 there for both mattes, and the difference is nothing.",
            ),
            Answer(
                "Nothing, since hand and body are both connected pieces.",
                "The pixels of the cut itself are wrong by more than 0.15.",
            ),
        ),
    ),
)
