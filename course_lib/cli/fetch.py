"""`course fetch`: everything that the chapters use, so that they run without a network."""


def fetch() -> None:
    """Fetch the published weights, the clip and the photographs. What is in the cache already costs nothing."""
    from course_lib.data.clips import CARPHONE
    from course_lib.data.images import SCIKIT_LEARN_PHOTOGRAPHS
    from course_lib.fetch import cache_dir
    from course_lib.fetch import fetch as fetch_source
    from course_lib.zoo.sources import RVM_TFJS

    for source in (RVM_TFJS, CARPHONE, SCIKIT_LEARN_PHOTOGRAPHS):
        fetch_source(source)
    print(f"Weights, clip and photographs are in {cache_dir()}")
