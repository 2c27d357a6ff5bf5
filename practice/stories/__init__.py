"""Parents' stories: in their own words, with their permission, and gone the day they take it back."""
