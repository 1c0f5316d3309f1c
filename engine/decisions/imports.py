"""Owns what a DMN file says of itself and of the files that it needs, without reading its decisions."""

from collections.abc import Callable

from engine.decisions.document import Unreadable, children, read


def namespaces(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the namespace of a DMN file and those that it imports, once each; nothing of what cannot be read."""
    try:
        root = read(content, "")
    except Unreadable:
        return "", ()
    imported = (element.get("namespace") or "" for element in children(root, "import"))
    return root.get("namespace") or "", tuple(dict.fromkeys(imported))


def reached(content: bytes, named: Callable[[str], bytes | None]) -> list[str]:
    """Return the namespaces of all files that a DMN file imports, directly or not.

    `named` returns the file with a namespace, None when there is none: such a namespace is left out.
    """
    own, waiting = namespaces(content)
    found: list[str] = []
    queue = list(waiting)
    while queue:
        namespace = queue.pop(0)
        if namespace == own or namespace in found or (imported := named(namespace)) is None:
            continue
        found.append(namespace)
        queue += namespaces(imported)[1]
    return found
