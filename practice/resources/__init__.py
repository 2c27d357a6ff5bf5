"""Toolkits and links: what helps to have a say, and to ask families well. The house's filenames hold in here too."""
