"""What AWS has: one file for each boto3 client, one class for each of AWS's nouns."""
