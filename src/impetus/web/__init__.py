"""Routes, templates and static files; reads and acts only through the desk."""
