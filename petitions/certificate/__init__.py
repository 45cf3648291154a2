"""The paper that ends a petition: a JSON document, a PDF for the file, the organisation's seal on it."""
