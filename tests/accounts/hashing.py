"""Password hashers for tests: one that counts how often it runs, one as slow as in production, side by side with others."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

HASHERS = ["tests.accounts.hashing.CountingHasher"]


class CountingHasher(PBKDF2PasswordHasher):
    """Django's own hasher with few rounds; ``runs`` counts passwords that it worked on."""

    iterations = 10
    runs = 0

    def encode(self, password, salt, iterations=None):
        CountingHasher.runs += 1
        return super().encode(password, salt, iterations)
