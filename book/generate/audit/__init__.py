"""What the report says of itself: findings of its printed numbers; imports harlib.paper and the network."""
