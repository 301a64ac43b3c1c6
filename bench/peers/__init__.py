"""What ours is compared with: the same event to the same audience, done in the usual ways."""
