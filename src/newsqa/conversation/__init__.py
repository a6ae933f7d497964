"""What makes questions a conversation: follow-ups, what readers say besides questions, and what to ask next."""
