"""An e-mail address as identity: for rulebooks that accept one signature per address.

The address lives in the memory of a request, in one encrypted cookie of the browser that typed it,
and in the one message that goes to it. Nothing else ever holds it.
"""
