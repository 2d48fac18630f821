"""Questions of chapter 11: instances without boxes."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Two people of one size stand side by side, a quarter of a box's width apart. Both boxes are exact. "
        "What does NMS with a threshold of 0.5 show?",
        (
            Answer(
                "Both: exact boxes have nothing that could be suppressed.",
                "NMS does not know that a box is exact. It knows overlaps and scores.",
            ),
            Answer(
                "One of them.", "The IoU is (1 − 1/4) / (1 + 1/4) = 0.6, and nobody told NMS that they are two.", True
            ),
            Answer(
                "Both, because their masks share no pixel.",
                "Here NMS compares boxes. That masks are names of their own helps only where masks are compared.",
            ),
            Answer("Neither.", "The better of the two is kept first, and nothing can drop it any more."),
        ),
    ),
    Question(
        "A class for every pixel, then counting connected pieces: in a set of pictures the count is nearly right. "
        "Does the method work?",
        (
            Answer("Yes, up to a few mistakes.", "A total can be right by mistakes that cancel."),
            Answer(
                "No: it needs a finer map of classes.",
                "Even a perfect map has one piece where two of a class touch. The chapter counts on true masks.",
            ),
            Answer(
                "One cannot tell: things that touch are one piece, covered things are several, and the two cancel.",
                "The sum looks less wrong than its parts.",
                True,
            ),
        ),
    ),
    Question(
        "You raise the threshold of NMS from 0.3 to 0.7. What happens to objects lost and objects found twice?",
        (
            Answer(
                "Fewer are lost, more are found twice.", "Less is suppressed, both of neighbours and of doubles.", True
            ),
            Answer(
                "Both become fewer, if the boxes are good.",
                "Better boxes move the candidates of one object closer together; raising t still suppresses less.",
            ),
            Answer("More are lost, fewer are found twice.", "That is what a lower threshold does."),
        ),
    ),
    Question(
        "A bicycle fills the picture. You double the picture's size. Which of the two ways back from a small grid gets "
        "better: 28 × 28 cells in its box, or one map at stride 8?",
        (
            Answer(
                "Both: a larger picture has more detail.",
                "The picture has; 28 × 28 cells in a box stay 28 × 28 cells, whatever the picture's size.",
            ),
            Answer(
                "The box: its cells follow the object.", "They follow it, so they grow along, and spokes stay too thin."
            ),
            Answer(
                "Neither: both grids are fixed.", "The map's cells are fixed in pixels, so a larger object gets more."
            ),
            Answer("The map.", "Its cells keep 8 pixels, so the bicycle has twice as many of them a side.", True),
        ),
    ),
    Question(
        "Somebody owns a small part of their own box; the rest is a person in front. Features are averaged over the box, "
        "and every pixel that agrees with the mean is in the mask. What comes out?",
        (
            Answer(
                "Both persons.", "The mean points mostly at one of them, so the other's pixels hardly agree with it."
            ),
            Answer(
                "The person in front.", "The mean follows the majority of the box. A map could avoid the place.", True
            ),
            Answer(
                "The owner of the box, a little blurred.",
                "A box is only a region. Its mean does not know for whom it was drawn.",
            ),
        ),
    ),
)
