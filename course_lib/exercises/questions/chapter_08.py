"""Questions of chapter 08: training RVM."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "Somebody composites first and resizes the picture and its labels later. Where does I = αF + (1 − α)B no longer hold?",
        (
            Answer(
                "Wherever the picture has detail.",
                "Inside the person α is constant, and the mean of αF is α times the mean of F.",
            ),
            Answer(
                "At the outline only, where matting is hard.",
                "Only where α varies is the mean of a product not the product of means.",
                True,
            ),
            Answer("Nowhere, since resizing is linear.", "It is linear in I, but α and F are multiplied."),
        ),
    ),
    Question(
        "Two weights have the gradients 1 and 0.000001 in Adam's first step, and the same rate. How far do they move?",
        (
            Answer("Nearly equally far.", "The first step is the sign of the gradient times the rate.", True),
            Answer("The first a million times as far.", "So it would be without the division by the root of v."),
            Answer("The second further, because v is so small.", "m is small in the same proportion."),
        ),
    ),
    Question(
        "The optimiser lacks the last projections. Overfitting one batch, alpha gets almost right. Where does the bug show?",
        (
            Answer("Nowhere: what overfits one batch is sound.", "That depends on what one looks at."),
            Answer(
                "In the total loss, which does not fall.",
                "It falls; the rest of the network works around the random head.",
            ),
            Answer(
                "In alpha on other people.",
                "Alpha is not where it shows here, and for other people one would have to wait for a whole run.",
            ),
            Answer(
                "In the colours, whose term stays behind, and in weights that did not move.",
                "So watch every term, not the total.",
                True,
            ),
        ),
    ),
    Question(
        "After forty steps the training loss has fallen, yet in evaluation mode the network sees nobody. What first?",
        (
            Answer(
                "Measure batch-norm statistics with the present weights.",
                "The running ones still hold a large share of their start.",
                True,
            ),
            Answer(
                "Train longer: it has not learned to see people yet.",
                "The same weights with measured statistics have begun to.",
            ),
            Answer("Lower the rate of the backbone.", "Nothing is wrong with the weights."),
        ),
    ),
    Question(
        "A run is resumed with its weights and a fresh Adam. Which loss is the first to differ from the undisturbed run's?",
        (
            Answer(
                "That of the step from the checkpoint.", "It is computed with the right weights, on the right batch."
            ),
            Answer(
                "The one after that.", "The first update goes elsewhere: a fresh Adam takes a full-sized step.", True
            ),
            Answer(
                "None: Adam's means are back after a few batches.",
                "Even if they are, the weights went another way meanwhile.",
            ),
        ),
    ),
)
