#!/usr/bin/python3
"""The token tool against an independent JWT library."""
import os
import subprocess
import tempfile
import time
import unittest

import jwt

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.path.abspath(os.environ.get("BIN", os.path.join(ROOT, "build")))
TOKEN = os.path.join(BIN, "token")
SECRET = "a secret of the tests, long enough for HS256"


def run(*arguments, secret=SECRET):
    return subprocess.run([TOKEN, *arguments], capture_output=True, text=True, timeout=10,
                          env={**os.environ, "DUELPOD_AUTH_HS256_SECRET": secret})


class TokenTest(unittest.TestCase):
    def test_another_library_accepts_the_token(self):
        result = run("--player", "ana", "--ttl", "60")
        claims = jwt.decode(result.stdout.strip(), SECRET, algorithms=["HS256"], audience="duelpod",
                            issuer="duelpod-dev")
        self.assertEqual(claims["sub"], "ana")
        self.assertEqual(claims["exp"] - claims["iat"], 60)
        self.assertLess(abs(claims["iat"] - time.time()), 10)

    def test_the_secret_may_come_from_a_file_and_the_claims_may_differ(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("x" * 40 + "\n")
            file.flush()
            result = run("--player", "ben", "--secret-file", file.name, "--issuer", "me", "--audience", "you")
        claims = jwt.decode(result.stdout.strip(), "x" * 40, algorithms=["HS256"], audience="you", issuer="me")
        self.assertEqual(claims["sub"], "ben")

    def test_wrong_usage_ends_with_2_and_prints_no_token(self):
        for arguments in ((), ("--player", "a b"), ("--player", ""), ("--player", "a", "--ttl", "0"),
                          ("--player", "a", "--ttl", "x"), ("--player", "a", "more"), ("--unknown",),
                          ("--player", "a", "--secret-file", "/does/not/exist")):
            result = run(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
        for secret in ("", "x" * 31, "x" * 256):
            self.assertEqual(run("--player", "a", secret=secret).returncode, 2)


if __name__ == "__main__":
    unittest.main()
