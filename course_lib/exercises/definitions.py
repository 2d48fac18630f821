"""What a submission defines, without running the rest of it.

Imports, definitions and literal constants are run in their order. What computes a name (`SMALL = 10 ** -6`, an import inside
`try`) is run only when somebody asks for that name. Calls, loops, figures, trainings and `check` are never run.
"""

import ast
from collections.abc import Iterable

AT_ONCE = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
ASSIGNMENT = ast.Assign | ast.AnnAssign | ast.AugAssign
OTHER_SCOPE = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Definitions:
    """namespace: all names that are there so far. failures: what could not be run, as half sentences."""

    def __init__(self, trees: Iterable[ast.Module]) -> None:
        self.namespace: dict = {"__name__": "answers"}
        self.failures: list[str] = []
        self._later: list[ast.stmt] = []
        self._not_run: set[str] = set()
        self._broken: dict[str, str] = {}
        nodes = [node for tree in trees for node in tree.body]
        for at, node in enumerate(nodes):
            if isinstance(node, AT_ONCE) or (_is_constant(node) and not _computed_again(nodes[at + 1 :], node)):
                self._run(node)
            else:
                self._not_run |= bound_by(node)
                self._later += _without_calls([node])

    def bind(self, name: str) -> bool:
        """Runs the lines put off that make `name`, and what they ask for in turn. → whether it is there now."""
        makers = [node for node in self._later if name in bound_by(node)]
        for node in makers:
            if node in self._later:  # else another one asked for it
                self._later.remove(node)
                self._run(node)
        return bool(makers) and name in self.namespace

    def why_missing(self, name: str) -> str:
        """A sentence on a name that the file makes and that is not there; empty for one that it does not make."""
        if name in self._broken:
            return f"{name} is made by a line that fails here: {self._broken[name]}."
        if name in self._not_run:
            return f"{name} is made by a line that is not run here: put it into the function."
        return ""

    def _run(self, node: ast.stmt) -> None:
        """One bad line does not take the rest with it."""
        while True:
            try:
                exec(compile(ast.Module([node], []), "<answers>", "exec"), self.namespace)
                return
            except Exception as error:
                if (name := unbound_name(error)) and self.bind(name):
                    continue
                told = f"`{ast.unparse(node).splitlines()[0]}` fails, {type(error).__name__}: {error}"
                self.failures.append(told)
                self._broken |= dict.fromkeys(bound_by(node), told)
                return


def unbound_name(error: Exception | None) -> str:
    """The global name that was not there, when that is the error."""
    return error.name or "" if type(error) is NameError else ""


def bound_by(node: ast.AST) -> set[str]:
    """Names that a statement makes at the top level of its file."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, OTHER_SCOPE):
        return set()
    if isinstance(node, ast.alias):
        return {(node.asname or node.name).split(".")[0]}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    return set().union(*map(bound_by, ast.iter_child_nodes(node)))


def _is_constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        return False  # `layer.stride = 2` changes an object that is not here
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True


def _computed_again(rest: list[ast.stmt], constant: ast.stmt) -> bool:
    """Whether a line further down computes the same name: then the constant waits with it."""
    names = bound_by(constant)
    return any(names & bound_by(node) and not _is_constant(node) for node in _without_calls(rest))


def _without_calls(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Of some statements those that bind names and do nothing else; `if` and `try` with only such in them."""
    kept = []
    for node in nodes:
        if isinstance(node, AT_ONCE) or (isinstance(node, ASSIGNMENT) and _binds_names_only(node)):
            kept.append(node)
        elif isinstance(node, ast.If | ast.Try) and bound_by(node):
            kept.append(_pruned(node))
    return kept


def _pruned(node: ast.If | ast.Try | ast.ExceptHandler) -> ast.AST:
    """A copy in which each branch holds only what binds names."""
    fields = dict(ast.iter_fields(node))
    for name in ("body", "orelse", "finalbody"):
        if name in fields:
            fields[name] = _without_calls(fields[name])
    if "handlers" in fields:
        fields["handlers"] = [_pruned(handler) for handler in fields["handlers"]]
    fields["body"] = fields["body"] or [ast.Pass()]
    return ast.fix_missing_locations(ast.copy_location(type(node)(**fields), node))


def _binds_names_only(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
    if node.value is None:  # `x: int`
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    parts = [part for target in targets for part in ast.walk(target)]
    return not any(isinstance(part, ast.Attribute | ast.Subscript) for part in parts)
