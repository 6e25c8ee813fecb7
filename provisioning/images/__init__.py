"""Building and pushing an image. It knows neither Django nor our stack: a folder with a Dockerfile is enough."""
