"""Rename a path or a symbol: at the top level, in every chapter's copy, and wherever text names it.

tree.py         the files of the repository, each with the path that a state gives it
index.py        which module imports what from where, and which class has which base
targets.py      the names that a rename means, spelled out
identifiers.py  where one Python file means them
paths.py        a path, and the module that it makes, in any text
pages.py        symbols in directives, test ids, drawn calls and code on pages
plan.py         symbols in the starter's plan
outputs.py      recorded outputs that differ by renamed words only
command.py      the order of all that, and the report
"""
