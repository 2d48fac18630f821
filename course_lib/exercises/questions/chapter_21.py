"""Questions of chapter 21: one person of many."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A pixel lies as far from one person's mask as from another's, and close to both. RVM says that alpha is 0.8 there. "
        "What do the two people get?",
        (
            Answer(
                "0.8 each: it is near both.",
                "Together that is more than RVM gives. Gates divide alpha, they do not hand it out twice.",
            ),
            Answer(
                "0.8 for the one who was found with the higher score, 0 for the other.",
                "The gate knows distances only. Scores decide who counts as found, not whose a pixel is.",
            ),
            Answer(
                "0.4 each.",
                "With equal distances the first factor is one half for both, and close to a mask the second is 1.",
                True,
            ),
            Answer(
                "Nothing: it lies outside of both masks.",
                "Then all hair beyond a mask would be lost. The gate asks who is nearer, not who contains the pixel.",
            ),
        ),
    ),
    Question(
        "The chosen person stretches out an arm. SparseInst's mask covers it, RVM's alpha is 0 there. What is the result?",
        (
            Answer("0: the arm is missing.", "The gate is multiplied by alpha. What RVM misses stays missed.", True),
            Answer(
                "1: the mask says that it is the person.",
                "The mask says whose it is, not how much. No pixel of the result comes from a mask alone.",
            ),
            Answer(
                "One half: the networks disagree.",
                "Nothing is averaged. They answer different questions, and the answers are multiplied.",
            ),
        ),
    ),
    Question(
        "One person walks out of the picture on the left while another comes in on the right: one before, one now. "
        "What would the assignment do without a least overlap?",
        (
            Answer(
                "Give the newcomer a new number, for there is no overlap.",
                "So it is with the least overlap. An assignment alone pairs all it can, be the sum 0.",
            ),
            Answer(
                "Give the newcomer the number of the one who left.",
                "It is the only pair there is, so it is the best one. The matte would jump across the picture.",
                True,
            ),
            Answer(
                "Wait for a frame in which both are seen.",
                "It knows two frames, and decides each time.",
            ),
        ),
    ),
    Question(
        "The chosen person, in red, is hidden and lost. A second one in red has been followed without a break all along. "
        "Can the memory of colours take that one for the chosen one?",
        (
            Answer(
                "Yes, if the colours are similar enough.",
                "Similar colours are asked for, but of newcomers only: somebody known is somebody else.",
            ),
            Answer(
                "Yes, but only if that one is the nearest to where the chosen one was lost.",
                "Places play no part in it: a person may come out on the other side.",
            ),
            Answer(
                "No: two people never have the same histogram.",
                "Two in the same clothes nearly do. It is not the colours that tell these two apart.",
            ),
            Answer(
                "No: that number was known before the loss.",
                "Only numbers that are new since then are candidates. A third one in red, who comes later, could be mistaken.",
                True,
            ),
        ),
    ),
    Question(
        "Suppose that with true masks in place of found ones the error hardly fell. Where would you look next?",
        (
            Answer(
                "At SparseInst: longer training, sharper masks.",
                "No training gives better masks than the true ones, and these did not help.",
            ),
            Answer(
                "At what both ways have in common: RVM's alpha, the following, the gate.",
                "Only the masks were exchanged. What is left of the error lies in the rest.",
                True,
            ),
            Answer(
                "Nowhere: with true masks, what is left is the least that is possible.",
                "It is the least for these masks in this system. The other parts were not exchanged.",
            ),
        ),
    ),
)
