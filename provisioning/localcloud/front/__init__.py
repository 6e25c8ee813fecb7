"""What stands before each PostgreSQL: the endpoint's port, and IAM sign-in."""
