"""Python functions in execution environments as AWS has them: a process each, on awslambdaric and the Runtime API."""
