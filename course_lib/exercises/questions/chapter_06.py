"""Questions of chapter 06: the deep guided filter."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A camera delivers 4K instead of Full HD, and the automatic rule sets the ratio. What does the network cost now?",
        (
            Answer("Four times as much: there are four times as many pixels.", "That would be so at a fixed ratio."),
            Answer("A quarter, since the ratio is halved.", "The ratio is halved, but of a side twice as long."),
            Answer(
                "As much as before.",
                "The rule fixes how many pixels the network sees, at 512 on the longer side.",
                True,
            ),
        ),
    ),
    Question(
        "The mask is 1 throughout the person, whose coat has sharp buttons. ε is tiny. What does the guided filter draw there?",
        (
            Answer(
                "The buttons, faintly: a tiny ε lets every edge of the guide through.",
                "Only where the mask varies, too.",
            ),
            Answer("A constant 1.", "The covariance of a constant with anything is 0, so the slope is 0.", True),
            Answer(
                "NaN, because the variance of the mask is 0.", "It is the guide's variance that stands below the line."
            ),
            Answer("A blur of the mask, twice the box.", "That is an enormous ε, which forbids slopes."),
        ),
    ),
    Question(
        "Why does RVM filter F − I, the residual, and not F itself?",
        (
            Answer(
                "The residual is smooth nearly everywhere, and detail of the coat comes with the large frame.",
                "What has to pass through coarse lines is little; the rest is added unharmed.",
                True,
            ),
            Answer("F cannot be computed at the small size.", "It is I + residual there as well as at the large size."),
            Answer("The residual needs fewer channels.", "Both have three, each guided by its own colour."),
        ),
    ),
    Question(
        "At the small size the network has taken an arm for background. What can the guided filter do about it at full size?",
        (
            Answer(
                "Bring the arm back, since its edges are in the guide.",
                "Where the matte is constant the slope is 0, whatever the guide shows.",
            ),
            Answer(
                "Bring it back if it is the learned filter.",
                "It chooses other slopes. In a scene of section 6 it helped no more than the fixed one.",
            ),
            Answer(
                "Nothing: it moves edges, and does not decide who is there.",
                "An arm that no window knows of cannot be drawn.",
                True,
            ),
        ),
    ),
    Question(
        "Somebody sets downsample_ratio to 0.999 in order to have the filter 'almost off'. What happens?",
        (
            Answer(
                "All of the filter runs, and alpha may differ a lot from that at ratio 1.",
                "At exactly 1 it is left out: a switch, not a limit.",
                True,
            ),
            Answer(
                "The filter's lines become almost those that leave alpha as it is.",
                "They are fitted in 3 × 3 windows at any ratio.",
            ),
            Answer(
                "The ratio is rounded to 1 and the filter is left out.",
                "0.999 is another size, by a pixel, and another path.",
            ),
        ),
    ),
)
