"""What a local cloud remembers, kept in its folder from a stop to the next start.

A stop loses nothing. A cloud that is killed loses what changed in its last seconds (`keeping.EVERY`), of the lines
of logs and the figures of CloudWatch a little more (`keeping.AT_LEAST_EVERY`). Its databases, the objects of S3 and
the images of ECR are files of their own, and only a power cut can harm them.
"""
