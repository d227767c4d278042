# SPDX-License-Identifier: GPL-2.0-only OR MIT
# Sphinx configuration of the memrig documentation: plain reStructuredText, no extensions.
project = "memrig"
author = "the memrig authors"
extensions = []
master_doc = "index"
exclude_patterns = ["man"]
html_theme = "alabaster"
nitpicky = True
