"""shared — what every function may import; importing the package itself imports nothing."""
