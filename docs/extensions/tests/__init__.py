"""The site's own directives and runs, tried on small pages."""
