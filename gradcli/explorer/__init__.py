"""What a user asks, one module per question: text and bindings in, a frozen report out."""
