"""`models`: every set of weights that has a name, and how to get what is not here."""

import shutil
import textwrap


def models() -> None:
    """Print the models that can be loaded by name: what they are, their licence, their source, and how to get them."""
    from course_lib.fetch import cache_dir
    from course_lib.zoo import list_models

    width = min(shutil.get_terminal_size().columns, 120)
    entries = list_models()
    here = [entry for entry in entries if entry.present]
    print(f"Models that load_model() and --weights know by name. Here: {len(here)} of {len(entries)}.")
    print(f"Fetched ones are in {cache_dir()}")
    for entry in entries:
        print(f"\n{entry.name}: {entry.size if entry.present else 'not here, ' + entry.size}")
        about = f"{entry.what}. Licence: {entry.licence}. From {entry.source}."
        print(textwrap.fill(about, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False))
        # Paths and commands stand in one line each: they are there to be copied.
        if not entry.present:
            print(f"  Get it:\n    {entry.command}")
        elif entry.card.is_file():
            print(f"  What it can do, and what not:\n    {entry.card}")
