"""Questions of chapter 04: ConvGRU with an identity split."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "The update gate z is 0.02 at a pixel, frame after frame. What happens to the state there?",
        (
            Answer("It is replaced by the proposal at once.", "That would be z near 1: h = (1 − z) h + z o."),
            Answer(
                "It stays nearly as it is and follows the proposal slowly.", "98 % of it stays in each frame.", True
            ),
            Answer("It fades to 0.", "Nothing pulls it to 0: what leaves is replaced by the proposal."),
        ),
    ),
    Question(
        "Why is no constant rate z good enough for the man in the car?",
        (
            Answer("The clip is too short to find it.", "Section 2 tried the rates; more frames change nothing."),
            Answer("A constant rate makes the sum of the weights differ from 1.", "The weights sum to 1 at any rate."),
            Answer(
                "His shoulder has to be kept and his head to be followed, in the same frame.",
                "What should last and what should follow differ from pixel to pixel.",
                True,
            ),
        ),
    ),
    Question(
        "Half of the channels go around the ConvGRU. What does that save?",
        (
            Answer("Half of its parameters.", "Both the input and the output channels are halved."),
            Answer("Three quarters of its parameters.", "C/2 inputs times C/2 outputs: a quarter is left.", True),
            Answer("Nothing but memory for the state.", "The convolutions are smaller too."),
        ),
    ),
    Question(
        "The paper writes h = z h + (1 − z) o, the published weights need it the other way round. Which network is better?",
        (
            Answer("They are the same network: z is only named differently.", "σ(−a) = 1 − σ(a).", True),
            Answer("The paper's: it remembers longer.", "How long it remembers is learned, in both."),
            Answer("The code's: its gradient does not vanish.", "Negated weights turn one into the other exactly."),
        ),
    ),
    Question(
        "A video cuts to another shot. What does the state do?",
        (
            Answer(
                "It carries the old shot on: most of it fades soon, some may stay.",
                "So reset it at a cut.",
                True,
            ),
            Answer(
                "The gates notice that everything changed and empty the state in that frame.",
                "They forget quickly in part and slowly in part; what is left is the old shot.",
            ),
            Answer("Nothing: the state is reset at each frame.", "Then it would not be a memory."),
        ),
    ),
)
