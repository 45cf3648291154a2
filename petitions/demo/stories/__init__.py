"""The invented petitions of the demonstration, and what was decided about them."""
