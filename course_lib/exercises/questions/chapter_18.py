"""Questions of chapter 18: inside the activation maps."""

from course_lib.exercises.questions.question import Answer, Question

QUESTIONS = (
    Question(
        "The maps of two queries are exchanged, and nothing else. What does the network answer?",
        (
            Answer(
                "The same: each query knows its object by its number.",
                "All queries share their heads. None has a number, a memory or an embedding.",
            ),
            Answer(
                "The masks are exchanged, the classes stay.",
                "Class and kernel are both read from what the maps gather.",
            ),
            Answer(
                "Classes and masks of the two are exchanged, exactly.",
                "A query is its maps, and nothing else.",
                True,
            ),
        ),
    ),
    Question(
        "A query's maps glow on a cat, and it says “cat”. What has the picture shown?",
        (
            Answer(
                "Where the maps lie. Whether that matters, only an edit can tell.",
                "A map may lie on an object and not be needed; change it, keep the rest, and see what changes.",
                True,
            ),
            Answer(
                "That the network recognised the cat by these pixels.",
                "The features there know of their surroundings too, and other weight may have done the work.",
            ),
            Answer(
                "That the map is a mask of the cat, only coarser.",
                "Section 8 cuts maps at their best threshold. They fall behind the masks that are drawn from them.",
            ),
        ),
    ),
    Question(
        "All maps of a query are multiplied by ½ after their normalisation. What happens to what it says?",
        (
            Answer(
                "The mask shrinks to half of its area.", "It is the kernel that gets weaker, alike for every pixel."
            ),
            Answer(
                "The mask hardly moves, and the score goes down.",
                "A dot product that was positive stays positive. Strength is confidence.",
                True,
            ),
            Answer("The query finds another object.", "It still gathers from the same places."),
            Answer("Nothing: maps are normalised before they are used.", "The edit comes after the normalisation."),
        ),
    ),
    Question(
        "A picture has two motorcycles. Why can a class activation map not tell them apart, however well it was trained?",
        (
            Answer(
                "Its cells are too coarse.",
                "It is computed from the same features at the same size as the query's map.",
            ),
            Answer(
                "It has one map for the class, so both lie in it.",
                "Only a map of one query can lie on the one and not on the other.",
                True,
            ),
            Answer(
                "Its classifier has never seen two things at once.",
                "It is fitted on whole scenes. More of them would not give it a second map.",
            ),
        ),
    ),
    Question(
        "Maps are trained for one picture only, and every mask comes out right. Why need the maps not lie on their objects?",
        (
            Answer(
                "300 steps are too few; with more they would move there.",
                "No term of the loss looks at a map, so nothing draws it there.",
            ),
            Answer(
                "The convolution cannot draw maps of that shape.",
                "It could. A map on the object would do as well as any other.",
            ),
            Answer(
                "The masks are learned without the maps.",
                "Kernels are read from the vectors that the maps gather, and from nothing else.",
            ),
            Answer(
                "Vectors that differ are enough to read the kernels from.",
                "A map is an address, not a drawing. Only new pictures ask for vectors that are about the object.",
                True,
            ),
        ),
    ),
)
