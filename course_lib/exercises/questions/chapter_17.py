"""Questions of chapter 17: average precision."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A network's scores lie between 0 and 1. Somebody replaces every score by its square. What happens to AP?",
        (
            Answer("It falls, since all scores become smaller.", "AP never looks at the values of scores."),
            Answer("Nothing.", "Squares of such numbers have the same order, and AP sees only the order.", True),
            Answer(
                "It rises, since poor detections lose more than good ones.",
                "They lose more, and stay where they are in the ranking.",
            ),
        ),
    ),
    Question(
        "Two masks lie on one object: one with score 0.8 and IoU 0.7, one with score 0.6 and IoU 0.9. "
        "How are they counted at the threshold 0.5?",
        (
            Answer("Both are right.", "The object is taken once. A double is an error."),
            Answer(
                "The one with the larger IoU is right, the other wrong.",
                "The better score chooses first; how well it fits matters only for reaching the threshold.",
            ),
            Answer(
                "Both are wrong: a double spoils the object.", "The first to come takes the object and is right for it."
            ),
            Answer(
                "The one with the better score is right, the other wrong.",
                "It comes first and takes the object, so the better mask finds it taken.",
                True,
            ),
        ),
    ),
    Question(
        "Why is the AP of many pictures not the mean of the pictures' own APs?",
        (
            Answer(
                "All detections stand in one ranking, so one picture's surest mistake lies before another's hits.",
                "Precision is counted along that one row. It depends on how scores compare across pictures.",
                True,
            ),
            Answer(
                "Pictures have different numbers of objects; a weighted mean would be the same.",
                "No weights repair it: scores have to be compared from picture to picture.",
            ),
            Answer(
                "It is, up to rounding; the bootstrap just draws pictures.",
                "The bootstrap has to compute AP anew from each draw, for this reason.",
            ),
        ),
    ),
    Question(
        "Before AP is computed, everything with a score below 0.3 is thrown away, as in a demo. What can that do to AP?",
        (
            Answer(
                "Raise it: most of what is thrown away is junk.",
                "Junk at the end of the ranking costs nothing, so its going gains nothing.",
            ),
            Answer("Nothing: the order of what is left is the same.", "It is, but the ranking ends earlier."),
            Answer(
                "Only lower it, or leave it as it is.",
                "What is cut can only have added recall, late in the ranking.",
                True,
            ),
        ),
    ),
    Question(
        "Most of a network's wrong detections are of one kind. Is that the kind to mend first?",
        (
            Answer("Yes: the more errors, the more AP is lost.", "Errors far down the ranking cost next to nothing."),
            Answer(
                "Not for that: ask how much AP rises if this kind alone is put right.",
                "Counts and costs tell different stories. In the chapter the most frequent kind is not the dearest.",
                True,
            ),
            Answer(
                "No: frequent errors never cost anything.",
                "Where they stand in the ranking decides. The same junk higher up is expensive.",
            ),
            Answer(
                "It does not matter, for the costs of all kinds add up to what is missing.",
                "They do not add up: one mistake hides another.",
            ),
        ),
    ),
)
