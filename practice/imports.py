"""What practice takes in from files. Each folder of the app has its own importer."""

from practice.resources.imports import ResourceImporter

__all__ = ["ResourceImporter"]
