"""Training of newsqa's own reader. A leaf: nothing that answers questions imports it."""
