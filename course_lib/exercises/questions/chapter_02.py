"""Questions of chapter 02: the encoder."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A frame is 100 pixels high. How many cells high is f4, at stride 16?",
        (
            Answer("6", "That rounds down. A last, incomplete step still gives a cell."),
            Answer("7", "50, 25, 13, 7: each stride rounds up, and so does 100 / 16 at once.", True),
            Answer("None: the height has to be a multiple of 16.", "Any size works, even a single pixel."),
        ),
    ),
    Question(
        "A cell of f4 in the middle of a large picture; one pixel far outside of its field by the recurrence changes. "
        "Can the cell's numbers change?",
        (
            Answer(
                "No: the recurrence counts every pixel that can reach the cell.",
                "It counts the paths through kernels. There is another kind of path.",
            ),
            Answer(
                "Only if the pixel lies within the effective field.",
                "The effective field is smaller still. It says what matters much, not what can matter.",
            ),
            Answer("Yes, through the gates.", "A mean over the whole picture sits in front of every gate.", True),
        ),
    ),
    Question(
        "In a network without gates, a stride of 2 is left out and all later kernels are dilated by 2. "
        "How do the new map and the old one compare?",
        (
            Answer("Every second cell of the new map is the old one, exactly.", "Same taps, same numbers.", True),
            Answer(
                "The old map is the average of 2×2 cells of the new one.",
                "A stride does not average: it keeps one output and throws the others away.",
            ),
            Answer(
                "They are similar, since the kernels see about the same area.",
                "It is no approximation: the taps touch the very same numbers.",
            ),
        ),
    ),
    Question(
        "Layer 2 has a sixtieth of layer 11's parameters and costs about as much work. Why?",
        (
            Answer("Its depthwise kernel is wider.", "Both are 3×3."),
            Answer("Layer 11 skips the channels that its gate has shut.", "A gate multiplies. It saves no work."),
            Answer("Each of its weights is used at many more places.", "Its map is much larger.", True),
            Answer(
                "Its activation function, ReLU, costs more than the h-swish of layer 11.",
                "Activations are not counted here, and ReLU is the simpler of the two.",
            ),
        ),
    ),
    Question(
        "You paint a channel of f4 over the frame, each cell as a square of 16×16 pixels. "
        "How do the bright squares lie to what the cells have looked at?",
        (
            Answer(
                "Half a square too far down and right.", "Cell i looks around pixel 16 i: its square's corner.", True
            ),
            Answer("Half a square too far up and left.", "That takes the field to lie around the square's far corner."),
            Answer(
                "Exactly on it: the field of a cell lies around the middle of its square.",
                "With this padding the field lies around the first pixel of the square.",
            ),
        ),
    ),
)
