"""Questions of chapter 16: training SparseInst."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Classes are trained with plain cross-entropy, and all answers start at ½. What does the first step mostly teach?",
        (
            Answer(
                "Names, since a yes is as wrong as a no.",
                "One by one they are. But there are hundreds of no for each yes, and pulls add up.",
            ),
            Answer(
                "To say no: nearly all of the pull comes from the many answers that should be no.",
                "Each pulls by ½, and they are the crowd. A start at 0.01 has them nearly silent.",
                True,
            ),
            Answer("Nothing, for ½ is in balance.", "At ½ every answer is wrong by ½, and is told so."),
        ),
    ),
    Question(
        "A query's mask is empty where its object lies, and very sure of it. Which of the two mask losses still pulls?",
        (
            Answer(
                "Dice, because it is nearly 1.",
                "Its value is high and its gradient is not: it has a factor p (1 − p), which is nearly 0 here.",
            ),
            Answer("Both, in equal measure.", "Section 2 prints what is left of each pull. They are worlds apart."),
            Answer(
                "Cross-entropy.",
                "On a logit it pulls by p − t, as long as the pixel is wrong, however sure it is.",
                True,
            ),
        ),
    ),
    Question(
        "Masks get better during a training, and the objectness loss rises. What is wrong?",
        (
            Answer(
                "Nothing has to be: its target is the IoU of the masks, and that moves.",
                "Targets near 0 are easily said. One between 0 and 1 has an entropy that no answer can go below.",
                True,
            ),
            Answer(
                "Its weight is too small against the other three.",
                "A larger weight does not change the smallest value that the loss can have.",
            ),
            Answer(
                "A gradient flows into the masks through the IoU.",
                "The IoU is a target without gradient: two sets of pixels, counted.",
            ),
        ),
    ),
    Question(
        "No object is matched with a query, although its mask fits one well. What is its objectness taught in this step?",
        (
            Answer("The IoU of its mask with that object.", "Only matched queries are told their IoU."),
            Answer("To be 0.", "There are no negatives. Pushed down is its class, by the focal loss."),
            Answer("To be a little less than its rival's.", "No loss compares queries."),
            Answer(
                "Nothing.",
                "What it says has been learned when it had an object. Its class alone keeps it out of the result.",
                True,
            ),
        ),
    ),
    Question(
        "A pole is so thin that its target at stride 4 is all zero. What happens in training?",
        (
            Answer(
                "It gets no query, for its score is 0 with all of them.",
                "All scores being equal, the matcher gives it any. Whoever is in the list gets a query.",
            ),
            Answer(
                "Some query is told to name its class, to draw nothing, and that its mask is worth nothing.",
                "Dice has no gradient there; cross-entropy pushes all pixels down, and the IoU target is 0.",
                True,
            ),
            Answer(
                "Dice forces the network to draw it in spite of that.",
                "With t = 0 dice is 0 for every mask, so its loss has no gradient at all.",
            ),
        ),
    ),
)
