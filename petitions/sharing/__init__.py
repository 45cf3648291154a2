"""What people hand on: poster and form as tagged PDF, a picture for messages."""
