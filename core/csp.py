"""What a browser may load and do with an answer of ours; ``django-csp`` sends it as a header.

Everything is forbidden, then allowed by name. A page that needs more says so itself.
"""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

Policy = dict[str, list[Any]]

NOTHING: Policy = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}
"""JSON is not shown by a browser; if one does all the same, it does nothing else."""

INDEX: Policy = {**NOTHING, "style-src": [SELF], "img-src": ["data:"]}
"""A page of links, without a script."""

OWN: Policy = {
    **NOTHING,
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
}

# Both lay their pages out with style attributes that scripts write.
SWAGGER: Policy = {**OWN, "style-src": [SELF, UNSAFE_INLINE]}
REDOC: Policy = {**SWAGGER, "worker-src": ["blob:"]}

# Unfold's menus are Alpine expressions in attributes, which Alpine compiles, and some of its
# widths and colours are style attributes. No script stands in a page.
UNFOLD: Policy = {
    **OWN,
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
