"""What parents say of a promise that its service calls done: it happened, some of it, or it did not."""
