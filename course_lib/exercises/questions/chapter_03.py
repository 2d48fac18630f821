"""Questions of chapter 03: LR-ASPP."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Every vector of f4 is made to occur twice, on a map twice as wide. What happens to the gates?",
        (
            Answer(
                "They move towards 0 or 1: twice as many votes.", "That would be a sum. The gate is made of a mean."
            ),
            Answer("They move towards one half.", "Nothing dilutes the votes: for and against are doubled alike."),
            Answer("Nothing.", "The mean of the votes is what it was.", True),
        ),
    ),
    Question(
        "The gate of a channel is 0 in one frame. Which change of the weights would do the same to this frame?",
        (
            Answer("Zeros in the channel's row of W2.", "Then all votes are 0, and the gate is one half."),
            Answer(
                "Zeros for all weights of the next layer that read this channel.",
                "A gated input and gated weights cannot be told apart.",
                True,
            ),
            Answer(
                "Zeros for all weights of one output channel of the next layer.",
                "The gate concerns what that layer reads, not what it answers.",
            ),
        ),
    ),
    Question(
        "Three steps make the gate: mean, matrix, sigmoid. Which neighbours may change places without changing it?",
        (
            Answer("Mean and matrix.", "Both are linear: the matrix of the mean is the mean of the votes.", True),
            Answer(
                "Mean and sigmoid.",
                "The sigmoid bends: squashed votes have another mean, and loud places lose their weight.",
            ),
            Answer("Any of them.", "One of the three is not linear."),
            Answer(
                "None: the order of layers is learned.",
                "The weights are learned; which steps may be exchanged follows from what the steps are.",
            ),
        ),
    ),
    Question(
        "A jacket cut out of its frame is hardly a person for RVM. With the gates of the whole frame it is one again. "
        "What did these numbers bring?",
        (
            Answer(
                "The place of the face, to which the jacket belongs.",
                "A gate has no place: it is one number per channel for the whole frame.",
            ),
            Answer(
                "The finer texture of the jacket, which the piece alone had lost.",
                "The piece has the same pixels. Gates hold no texture at all.",
            ),
            Answer("Which kinds of things to reckon with.", "Somebody is there, seen from near.", True),
        ),
    ),
    Question(
        "On a map of 18×32 cells, what does a 3×3 kernel of dilation 36 compute?",
        (
            Answer(
                "What a 1×1 convolution would: only its middle tap ever meets the map.",
                "Every other tap is 36 cells away, and the map is smaller than that.",
                True,
            ),
            Answer(
                "A view of the whole frame, as the global mean has it.",
                "A wide kernel reads nine single cells, and here all but one of them lie outside.",
            ),
            Answer(
                "Nothing: PyTorch refuses kernels that are wider than the map.",
                "Padding makes room for the kernel, and the padding is 0.",
            ),
        ),
    ),
)
