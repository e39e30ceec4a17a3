"""Pictures as SVG without a style or script of their own: the page's style sheet knows their classes."""
