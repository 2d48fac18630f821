"""Questions of chapter 01: the matting equation."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "At one pixel you know the background's colour exactly, and nothing else. What does the picture tell you about alpha?",
        (
            Answer(
                "Its value: the background was the missing piece.",
                "Three equations are left for four unknowns, alpha F and alpha. One is missing.",
            ),
            Answer(
                "Not its value: one direction stays open, along which alpha itself changes.",
                "A little more person in exactly the colour of the wall cannot be seen.",
                True,
            ),
            Answer(
                "Its value, but not the foreground's colour.",
                "That takes the open direction to leave alpha alone. It changes alpha by t and alpha F by t times B.",
            ),
        ),
    ),
    Question(
        "A vase is photographed before two known walls. Which walls give the least noisy alpha?",
        (
            Answer(
                "Two whose colours lie far apart.", "The noise is divided by the distance of the two colours.", True
            ),
            Answer(
                "Two of nearly the same colour, so that the vase looks the same in both pictures.",
                "The vase looks the same before any wall. Two equal walls leave alpha open.",
            ),
            Answer(
                "The two brightest, because noise matters less in bright pictures.",
                "Only the difference of the walls enters. Two bright walls of one colour are useless.",
            ),
        ),
    ),
    Question(
        "The clean plate finds holes in the middle of the person. Why there, where nothing is mixed?",
        (
            Answer(
                "The noise of the two pictures adds up there.",
                "Noise is everywhere the same, and the threshold lies above it.",
            ),
            Answer(
                "It cannot tell soft pixels from solid ones.",
                "There are no soft pixels in the middle, and the holes are still there.",
            ),
            Answer(
                "Her colour there happens to be that of the wall behind her.",
                "The method sees differences of colour only: no difference, no person.",
                True,
            ),
        ),
    ),
    Question(
        "A straight cut-out holds bright red wherever alpha is 0. It is shrunk channel by channel and put on white. "
        "What does one see?",
        (
            Answer(
                "No rim: where alpha is 0 no colour can show.", "True before shrinking. The average mixes neighbours."
            ),
            Answer("A reddish rim.", "The red has been averaged into pixels whose alpha is not 0.", True),
            Answer(
                "A dark rim, as always with straight alpha.",
                "The rim takes the colour that was hidden. In the chapter that was black.",
            ),
            Answer(
                "A rim in the colour of the white ground.",
                "The ground comes in later and enters with its right share, 1 − alpha.",
            ),
        ),
    ),
    Question(
        "With the true alpha, a person filmed before green is put before a night sky, the picture itself serving as F. "
        "Which pixels are off the most by the green?",
        (
            Answer(
                "Those with alpha near 0: they hold the most green.",
                "They do, but F counts only alpha in the new picture, almost nothing.",
            ),
            Answer(
                "Those with alpha near 1: there the picture is kept as it is.",
                "They hold hardly any green to begin with.",
            ),
            Answer(
                "Those with alpha near one half.",
                "The error is alpha (1 − alpha) times the difference of colours.",
                True,
            ),
        ),
    ),
)
