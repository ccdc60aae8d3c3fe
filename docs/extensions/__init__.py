"""Python-Markdown extensions of the site; MkDocs hooks hold no logic."""
