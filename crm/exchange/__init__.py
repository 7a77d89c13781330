"""Import and export, as commands and as pages."""
