"""Sphinx configuration of the book: pages made from stored outputs that ask no other host for anything.

`python3 course.py book` puts MathJax, RequireJS and the widget manager into `_static/vendor/` before it builds.
"""

import course_lib

project = html_title = "Two vision systems, from the first equation"
author = "the authors of course_lib"
version = release = course_lib.__version__
language = "en"

extensions = ["myst_nb", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = [
    "_build*",
    "jupyter_execute",
    "**/.jupyter_cache",
    "**/.ipynb_checkpoints",
]

myst_enable_extensions = [
    "amsmath",
    "attrs_block",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
]
myst_heading_anchors = 3
nb_execution_mode = (
    "off"  # outputs are stored by `course.py execute` and re-run by the tests
)
nb_merge_streams = True
nb_output_stderr = "remove"
nb_code_prompt_show = "Show how it is drawn"
nb_code_prompt_hide = "Hide how it is drawn"

# MathJax 3, because 4 loads fonts from another host; paths are relative to _static.
mathjax_path = "vendor/tex-svg.js"
nb_ipywidgets_js = {
    "vendor/require.js": {},
    "vendor/require-config.js": {},
    "vendor/embed-amd.js": {},
}

html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_js_files = ["fa-nest.js"]
html_favicon = html_logo = "_static/logo.svg"
html_copy_source = True
html_show_copyright = html_show_sphinx = False
html_theme_options = {
    "extra_footer": "Text and code: MIT licence.",
    "footer_content_items": ["extra-footer"],
    "home_page_in_toc": True,
    "logo": {"text": "Two vision systems"},
    "navbar_persistent": [],
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_download_button": True,
    "use_fullscreen_button": False,
}
pygments_style = "default"
