"""The reading club: books, those who read them, and what they say of them.

An application on `messagebus`, to use as it is or to copy as a template. Imports go one
way: `entrypoints → bootstrap → adapters → service → domain`.
"""
