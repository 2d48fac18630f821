"""`models`: the table of weights and what of it is in the cache."""


def models() -> None:
    """Print the models that can be loaded by name: what they are, their licence, their source, and whether they are here."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from course_lib.fetch import cache_dir
    from course_lib.zoo import list_models

    entries = list_models()
    table = Table(
        title=f"Models (cache: {cache_dir()})", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 1, 0)
    )
    table.add_column("name", no_wrap=True)
    for heading in ("what", "size", "licence", "source", "here?"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        here = "yes" if entry.present else "no"
        table.add_row(entry.name, entry.what, entry.size, entry.licence, entry.source, here)
    console = Console()
    console.print(table)
    for entry in entries:
        if not entry.present:
            console.print(f"To get {entry.name}:\n  {entry.command}", highlight=False, soft_wrap=True)
    console.print("What each can do, and what not:")
    for card in dict.fromkeys(entry.card for entry in entries if entry.card.is_file()):
        console.print(f"  {card}", highlight=False, soft_wrap=True)
