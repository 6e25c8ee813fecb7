"""PostgreSQL without a password: a Django database engine that signs in by IAM token."""
