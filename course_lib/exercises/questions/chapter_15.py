"""Questions of chapter 15: Hungarian matching."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "A and B both suit query 1 best, and each has another, free query to go to. Who keeps query 1 in the best matching?",
        (
            Answer(
                "The one with the higher score for query 1.",
                "That is greedy. In the table by hand A has the higher score, and gives way.",
            ),
            Answer("The one that came in first.", "A newcomer may start a chain of moves; nobody owns a query."),
            Answer(
                "The one that would lose more by moving.",
                "The cheaper move is made: A loses 0.1, B would lose 0.2.",
                True,
            ),
        ),
    ),
    Question(
        "You are given a matching and prices, and the receipt equals the matching's sum. What do you know?",
        (
            Answer(
                "No other matching has a larger sum.",
                "No matching exceeds the receipt, and this one reaches it. Nothing has to be tried.",
                True,
            ),
            Answer(
                "It is the only matching with this sum.",
                "With ties several matchings reach the same sum: section 3 meets such tables.",
            ),
            Answer(
                "It was found by the Hungarian algorithm.",
                "The receipt does not ask how the matching was found. That is what makes it a proof.",
            ),
            Answer(
                "Every object has the query with its highest score.",
                "Every object has a favourite at these prices. By scores alone several may want the same query.",
            ),
        ),
    ),
    Question(
        "Two objects each teach the query that suits them best, and at first this is the same query. How does it mostly go on?",
        (
            Answer(
                "The weaker object soon moves to another query.",
                "Nothing makes it move: it may share. That it must look elsewhere is one-to-one's rule.",
            ),
            Answer(
                "Two queries end up with the same object.",
                "Duplicates come from teaching several queries the same; here one query is taught two things.",
            ),
            Answer(
                "The query learns both objects at once, then suits both, and is called again.",
                "It becomes the union of the two, and that is the best that either can find.",
                True,
            ),
        ),
    ),
    Question(
        "A query draws an object well, but another query draws it better and gets it. What is the first one taught?",
        (
            Answer("To draw the object as well, with a smaller weight.", "Then both would speak: that is one-to-many."),
            Answer("To say “nothing here”; its mask is free.", "So only one of the two speaks in the end.", True),
            Answer("To draw an empty mask.", "No loss looks at the mask of a query without an object."),
            Answer("Nothing, for it is not in the matching.", "Its class is taught: silence has to be learned too."),
        ),
    ),
    Question(
        "A picture has more objects than there are queries, and the summed losses are divided by the number of objects. "
        "What follows?",
        (
            Answer(
                "The more objects go without a query, the less each taught one counts.",
                "The sum has only as many terms as there are queries, and is divided by more.",
                True,
            ),
            Answer(
                "The objects without a query are punished as missed.",
                "They are in no pair, so no term of the loss knows of them.",
            ),
            Answer(
                "Training stops with an error.",
                "That is the other fault, the batch without objects. This one makes no noise.",
            ),
        ),
    ),
)
