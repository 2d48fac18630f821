"""Questions of chapter 14: kernels and masks."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A kernel is multiplied by 2. What happens to its mask?",
        (
            Answer(
                "It covers twice as many pixels.",
                "Where a logit is positive, it stays positive, and no other becomes so.",
            ),
            Answer(
                "The border at one half stays; fewer pixels are in doubt.",
                "The direction asks the same, and the answer is louder.",
                True,
            ),
            Answer(
                "It covers fewer pixels: the kernel is stricter.",
                "Louder is not stricter: no logit changes its sign.",
            ),
        ),
    ),
    Question(
        "You enlarge the features twofold and take the dot products then, instead of enlarging the masks. What do you get?",
        (
            Answer(
                "Sharper masks: each pixel now has features of its own.",
                "Features between the old ones are mixtures of them. Nothing new is in them.",
            ),
            Answer("Coarser masks: the kernels are made for stride 8.", "A kernel asks a place, whatever its size is."),
            Answer("Almost the same masks, with other borders.", "Exactly the same: both steps are linear."),
            Answer(
                "The same masks, for four times the work.", "Enlarging and the dot product may change places.", True
            ),
        ),
    ),
    Question(
        "The picture slides to the right, the old kernel is kept, and its mask goes along with the object. "
        "What does the kernel hold?",
        (
            Answer("What the object's pixels look like.", "A description fits wherever such pixels are.", True),
            Answer(
                "The object's outline.",
                "A kernel is a direction, asked of each pixel on its own: it has no room for an outline.",
            ),
            Answer("The object's place.", "Then the mask would have stayed where it was."),
        ),
    ),
    Question(
        "Two equal cats on even ground, far from the border, and no coordinates. What lets one kernel draw only the left one?",
        (
            Answer(
                "Longer training.",
                "Whatever the weights, equal surroundings give equal features, and these give equal logits.",
            ),
            Answer(
                "A kernel with more dimensions.",
                "The features would be equal in all of them.",
            ),
            Answer(
                "Another ground under one of the two.",
                "Then what the convolutions see around the cats differs: context in place of coordinates.",
                True,
            ),
        ),
    ),
    Question(
        "A query has no object, and yet its objectness is high. How can that be, and what keeps it from the result?",
        (
            Answer(
                "Objectness was trained towards 0 there and failed; nothing keeps it out.",
                "Such queries had no objectness target at all, and the score has another factor.",
            ),
            Answer(
                "Its mask is good by chance; NMS removes it.",
                "Objectness says nothing reliable there, and there is no NMS.",
            ),
            Answer(
                "Nothing ever taught it otherwise; the class factor of the score is what keeps it down.",
                "Only the class loss sees queries without an object.",
                True,
            ),
            Answer("Maskness was too high; the threshold 0.45 cuts it.", "0.45 cuts pixels, not queries."),
        ),
    ),
)
