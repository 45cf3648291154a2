"""A rulebook in plain words, in the language spoken at the moment: sentences, diagram, timeline.

One source of sentences: the public pages, the office and the command line all take theirs here.
"""
