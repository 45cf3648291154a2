"""What clerks do with a case: hold it, note on it, judge it, propose and confirm.

Each verb takes (session, house, actor, at) and never commits. The decision itself, with the move it
makes, is `petitions.services.decisions`; here is what the desk demands before it comes to that.
"""
