"""Local stand-ins for Google's machinery; production never sees this package."""
