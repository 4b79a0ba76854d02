"""Sales of an SME: products and stores, what was sold where, and what follows from it."""
