"""Questions of chapter 09: temporal stability."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Without any true alpha, a flicker map is made of several mattes. Which matte wins?",
        (
            Answer(
                "The true one.", "The map does not know which one is true: whatever changes in it counts as flicker."
            ),
            Answer(
                "A frozen one.",
                "It never changes. No measure that looks at the matte alone can tell calm from dead.",
                True,
            ),
            Answer("The one whose state is kept.", "It is calm, and not as calm as one that stands still."),
        ),
    ),
    Question(
        "A hole stays in the middle of a body, where the person is opaque in every frame. What does dtSSD say?",
        (
            Answer(
                "It is 0.", "The error is the same in each frame: it has no change. MAD has to stand beside it.", True
            ),
            Answer(
                "It grows with the area of the hole.",
                "MAD does. dtSSD prices a fault when it comes and when it goes.",
            ),
            Answer(
                "It is as large as that of a frozen matte.",
                "The frozen matte pays for what the truth moves. This one moves as the truth does.",
            ),
        ),
    ),
    Question(
        "In a scene the kept state lowers dtSSD, but not the error itself. How is that possible?",
        (
            Answer("dtSSD is measured on fewer frames.", "On one less, which changes nothing here."),
            Answer(
                "The state blurs the matte, and a blurred matte flickers less.",
                "It need not: errors only have to become more alike, whatever they are.",
            ),
            Answer(
                "The matte repeats the same mistake from frame to frame.",
                "dtSSD² is error times 1 − ρ, and ρ goes up.",
                True,
            ),
        ),
    ),
    Question(
        "A foot in its stride covers a pixel for one frame. The matte is exactly right. What does the one-frame delay do?",
        (
            Answer(
                "It strikes the foot out.",
                "A rule that sees only alpha cannot tell a flash of truth from a flash of error.",
                True,
            ),
            Answer(
                "It leaves it, since the matte is right.",
                "The rule does not know that. Both neighbours agree, and this frame stands out.",
            ),
            Answer(
                "It shows it one frame late.",
                "The whole matte is late by a frame; but in this pixel the foot is averaged away.",
            ),
        ),
    ),
    Question(
        "To be safe against cuts, somebody resets the state every eight frames. What does a viewer get?",
        (
            Answer(
                "Nearly the calm of a kept state: the average dtSSD says so.",
                "The average does. It hides what happens at each reset.",
            ),
            Answer(
                "The flicker of a network without a state, in all frames.",
                "Between resets the matte is as calm as with the state kept.",
            ),
            Answer(
                "A regular blink, worse to watch than its average.",
                "At every reset dtSSD jumps to the height of no memory at all.",
                True,
            ),
        ),
    ),
)
