"""Help to take part that families ask for: another format, an interpreter, childcare, costs."""
