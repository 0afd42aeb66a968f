"""A hook of mkdocs: the site carries the script that draws the diagrams, from an installed package.

Without it the theme fetches the script from another host whenever a page with a diagram is opened.
"""

from __future__ import annotations

from importlib.resources import files as files_of

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

SCRIPT = "assets/javascripts/mermaid.js"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    files.append(File.generated(config, SCRIPT, abs_src_path=str(files_of("mermaidx").joinpath("assets/mermaid.js"))))
    return files


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Only a page with a diagram loads it, because it is large."""
    if '<pre class="mermaid">' not in output:
        return output
    return output.replace("</head>", f'<script src="{get_relative_url(SCRIPT, page.url)}"></script></head>', 1)
