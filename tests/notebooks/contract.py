"""The chapter contract, part 1: what a reader finds on the page, from the title to the links at its end.

A check takes a `Chapter` and returns what is wrong as sentences that say where and what to do; an empty list is a
pass. Part 2, code and stored outputs, is in `contract_code.py`.
"""

from __future__ import annotations

import ast
import re

from .chapter import CLOSING, Chapter, assertions, called_name, comments, tree

SHAPE = re.compile(r"\(\s*[A-Z0-9][^()]*,[^()]*\)")  # (B, C, H, W), (T, 3, H/4, W/4), (N,)
AGAINST = re.compile(r"\b(Ablation|Comparison|Break it)\b")
PAPER_BOX = re.compile(r"^:{3,}\{admonition\} Paper · authors['’] code · ours", re.MULTILINE)
PREDICT_BOX = re.compile(r"^(:{3,})\{admonition\} Predict\b(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)


def title_and_opening(chapter: Chapter) -> list[str]:
    first = chapter.cells[0] if chapter.cells else None
    if first is None or first.cell_type != "markdown":
        return ["Start with a markdown cell: the title, what you will learn, prerequisites, time, the question."]
    problems = []
    if not re.match(rf"# {chapter.number} · \S", first.source):
        problems.append(f"The first line of cell 1 must be the title, `# {chapter.number} · Title`.")
    if len([level for level, _, _ in chapter.headings if level == 1]) != 1:
        problems.append("Use one `#` heading, the title; parts of the chapter are `##`.")
    for lead in ("You will learn", "Prerequisites", "Time"):
        if not re.search(rf"^\s*\*\*{lead}\b[^*]*\*\*", first.source, re.MULTILINE):
            problems.append(f"Cell 1 needs a paragraph or list led by **{lead}**.")
    if "?" not in first.source:
        problems.append("Cell 1 must ask the question that the chapter answers, as a sentence with a question mark.")
    return problems


def first_code_cell(chapter: Chapter) -> list[str]:
    wanted = f'only imports, then `open_chapter("{chapter.number}", version="…")`'
    if not chapter.code or (parsed := tree(chapter.code[0])) is None or not parsed.body:
        return [f"The first code cell must hold {wanted}."]
    *imports, last = parsed.body
    call = last.value if isinstance(last, ast.Expr) else None
    ours = called_name(call) == "open_chapter" if call else False
    if not ours or [ast.unparse(argument) for argument in call.args] != [repr(chapter.number)]:
        return [f"{chapter.where(chapter.code[0])}: must hold {wanted}."]
    if [keyword.arg for keyword in call.keywords] != ["version"]:
        return [f'{chapter.where(chapter.code[0])}: pass the version it was written for, `version="…"`.']
    if any(not isinstance(node, ast.Import | ast.ImportFrom) for node in imports):
        return [f"{chapter.where(chapter.code[0])}: must hold {wanted}; move the rest to a later cell."]
    return []


def picture_before_code(chapter: Chapter) -> list[str]:
    if len(chapter.code) < 2:
        return ["The second code cell must draw the chapter's picture."]
    cell = chapter.code[1]
    problems = []
    if "hide-input" not in cell.metadata.get("tags", []):
        problems.append(f"{chapter.where(cell)}: tag the second code cell `hide-input`; it is there for its picture.")
    if chapter.images(cell) != 1:
        problems.append(f"{chapter.where(cell)}: the second code cell must show exactly one picture; execute it.")
    teaching = (ast.FunctionDef, ast.ClassDef, ast.Assert)
    if any(isinstance(node, teaching) for node in ast.walk(tree(cell) or ast.Module([], []))):
        problems.append(f"{chapter.where(cell)}: only draw here; definitions and assertions belong to a section.")
    if chapter.sections and chapter.cells.index(cell) > chapter.cells.index(chapter.sections[0].cells[0]):
        problems.append(f"{chapter.where(cell)}: the picture comes before the first `##` section.")
    return problems


def section_numbers(chapter: Chapter) -> list[str]:
    problems = []
    numbers = [section.number for section in chapter.numbered]
    if numbers != list(range(1, len(numbers) + 1)) or len(numbers) < 3:
        problems.append(f"Number the sections `## 1 · …`, `## 2 · …`, at least 3 without gaps; found {numbers}.")
    for level, text, cell in chapter.headings:
        if level == 2 and not cell.source.startswith(f"## {text}"):
            problems.append(f"{chapter.where(cell)}: start a new cell at the heading `## {text}`.")
    for section in chapter.sections:
        if section.number is None and section.title not in CLOSING:
            problems.append(f"`## {section.title}`: a section is numbered, or one of {', '.join(CLOSING)}.")
    return problems


def section_contents(chapter: Chapter) -> list[str]:
    problems = []
    for section in chapter.numbered:
        name = f"`## {section.title}`"
        if section.text.count("$") < 2:
            problems.append(f"{name}: write the formula (`$…$`) that the code of this section computes.")
        if not section.code:
            problems.append(f"{name}: no code cell; a section goes from equation to code.")
            continue
        found = [node for cell in section.code for node in assertions(cell)]
        if not found:
            problems.append(f"{name}: no assertion; check a result against one that comes by another route.")
        problems += [f"{name}: `{ast.unparse(node)}` {why}" for node in found if (why := _cannot_fail(node))]
        if not any(SHAPE.search(comment) for cell in section.code for comment in comments(cell)):
            problems.append(f"{name}: no shape comment such as `# (B, C, H, W)` in its code.")
    return problems


def _cannot_fail(node: ast.AST) -> str:
    """Why an assertion compares nothing, or an empty string."""
    if isinstance(node, ast.Assert):
        if isinstance(node.test, ast.Tuple):
            return "asserts a tuple, which is always true; drop the parentheses."
        if not any(isinstance(part, ast.Name | ast.Call) for part in ast.walk(node.test)):
            return "has no variable in it; compare something that was computed."
        sides = [node.test.left, *node.test.comparators] if isinstance(node.test, ast.Compare) else []
    else:
        sides = node.args[:2]
    if len(sides) > 1 and ast.dump(sides[0]) == ast.dump(sides[1]):
        return "compares a thing with itself; the right side must come by another route."
    return ""


def boxes(chapter: Chapter) -> list[str]:
    problems = []
    predictions = [
        (at, found[2])
        for at, cell in enumerate(chapter.cells)
        if cell.cell_type == "markdown"
        for found in PREDICT_BOX.finditer(cell.source)
    ]
    if not predictions:
        problems.append("Ask for a prediction before a run: a closed `:::{admonition} Predict` box.")
    for at, text in predictions:
        if "?" not in text:
            problems.append(f"{chapter.where(chapter.cells[at])}: the Predict box must ask a question.")
        if not any(cell.cell_type == "code" for cell in chapter.cells[at:]):
            problems.append(f"{chapter.where(chapter.cells[at])}: no code follows the Predict box to answer it.")
    if not any(PAPER_BOX.search(cell.source) for cell in chapter.markdown):
        problems.append("Add the box `:::{admonition} Paper · authors' code · ours`: where the three differ or agree.")
    if not any(AGAINST.search(text) for level, text, _ in chapter.headings if level > 1):
        problems.append("No heading contains `Ablation`, `Comparison` or `Break it`: show what each part is worth.")
    return problems


def closing(chapter: Chapter) -> list[str]:
    problems = []
    titles = [section.title for section in chapter.sections]
    if titles[-len(CLOSING) :] != CLOSING:
        problems.append(f"The chapter must end with the sections {', '.join(f'`## {t}`' for t in CLOSING)}.")
    exercises = next((section.text.lower() for section in chapter.sections if section.title == "Exercises"), "")
    found = [re.search(rf"(?:### |\*\*){kind}\b", exercises) for kind in ("warm-up", "core", "stretch")]
    places = [match.start() for match in found if match]
    if len(places) < len(found) or places != sorted(places):
        problems.append("`## Exercises` must set three tasks in this order: warm-up, core, stretch.")
    return problems


def links_to_neighbours(chapter: Chapter) -> list[str]:
    last = chapter.cells[-1] if chapter.cells else None
    if last is None or last.cell_type != "markdown" or last.source.startswith("#"):
        return ["The last cell must be markdown without a heading: the links to the previous and the next chapter."]
    problems = []
    names = chapter.all_names
    at = names.index(chapter.path.name)
    for role, neighbour in (("previous", names[at - 1 : at]), ("next", names[at + 1 : at + 2])):
        if neighbour and f"]({neighbour[0]})" not in last.source:
            problems.append(f"The last cell must link to the {role} chapter: `[…]({neighbour[0]})`.")
    for cell in chapter.markdown:
        for target in re.findall(r"\]\(([^)#\s]+\.ipynb)[^)]*\)", cell.source):
            if target not in names:
                problems.append(f"{chapter.where(cell)}: there is no chapter {target}.")
    return problems


CHECKS = [
    title_and_opening,
    first_code_cell,
    picture_before_code,
    section_numbers,
    section_contents,
    boxes,
    closing,
    links_to_neighbours,
]
