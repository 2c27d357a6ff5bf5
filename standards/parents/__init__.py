"""Parents agree, or not: what forums say of what a service claims of itself."""
