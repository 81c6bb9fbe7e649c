"""The fuzzer's judge is judged: known conversations, right and wrong, and what the model says of them."""
import random

from model import BROKEN, CLOSED, ODD, OPEN, PARTIAL, expect_of
from mutants import conversation
from wire import BINARY, CLOSE, CONT, PING, TEXT, close_payload, frame

ROWS = (
    ("nothing", b"", [], OPEN),
    ("two texts", frame(TEXT, "a") + frame(TEXT, "b"), ["a", "b"], OPEN),
    ("fragments with a ping between", frame(TEXT, "a", fin=0) + frame(PING, "p") + frame(CONT, "b"), ["ab"], OPEN),
    ("a character in two fragments", frame(TEXT, b"\xce", fin=0) + frame(CONT, b"\xba"), ["κ"], OPEN),
    ("a long length for a short text", frame(TEXT, "hello", width=8), ["hello"], OPEN),
    ("4096 bytes", frame(TEXT, "m" * 4096), ["m" * 4096], OPEN),
    ("4097 bytes", frame(TEXT, "m" * 4097), [], BROKEN),
    ("16 fragments", frame(TEXT, "", fin=0) + frame(CONT, "", fin=0) * 14 + frame(CONT, "x"), ["x"], OPEN),
    ("17 fragments", frame(TEXT, "", fin=0) + frame(CONT, "", fin=0) * 15 + frame(CONT, "x"), [], BROKEN),
    ("a frame that is not whole", frame(TEXT, "a") + frame(TEXT, "bcd")[:-1], ["a"], PARTIAL),
    ("a message that is not whole", frame(TEXT, "a", fin=0), [], PARTIAL),
    ("goodbye", frame(TEXT, "a") + frame(CLOSE, close_payload(1000, b"bye")), ["a"], CLOSED),
    ("goodbye without a code", frame(CLOSE), [], CLOSED),
    ("goodbye and more", frame(CLOSE, close_payload(1000)) + frame(TEXT, "a"), [], BROKEN),
    ("a close code of nobody", frame(CLOSE, close_payload(1005)), [], BROKEN),
    ("a close reason that is no text", frame(CLOSE, close_payload(1000, b"\xff")), [], BROKEN),
    ("binary", frame(BINARY, "x"), [], BROKEN),
    ("no mask", frame(TEXT, "a", mask=None), ["a"], OPEN),
    ("an empty frame that the library overlooks", frame(TEXT, "a") + frame(BINARY, mask=None, width=2), ["a"], ODD),
    ("a reserved bit", frame(TEXT, "a") + frame(TEXT, "b", rsv=1), ["a"], BROKEN),
    ("an unknown opcode", frame(3, "x"), [], BROKEN),
    ("a ping in fragments", frame(PING, "p", fin=0), [], BROKEN),
    ("a ping of 126 bytes", frame(PING, "p" * 126), [], BROKEN),
    ("a continuation of nothing", frame(CONT, "x"), [], BROKEN),
    ("a text inside a text", frame(TEXT, "a", fin=0) + frame(TEXT, "b"), [], BROKEN),
    ("no UTF-8", frame(TEXT, b"\xed\xa0\x80"), [], BROKEN),
    ("half a character at the end", frame(TEXT, b"\xce", fin=0) + frame(CONT, ""), [], BROKEN),
)


def results():
    """Yields (name, what is wrong or None)."""
    for name, data, texts, end in ROWS:
        got = expect_of(data)
        yield f"the judge knows: {name}", None if (got.texts, got.end) == (texts, end) else f"{got.texts} {got.end}"
    ends = {expect_of(b"".join(conversation(random.Random(seed)))).end for seed in range(500)}
    yield "what is made as a proper conversation is one", None if ends == {OPEN, CLOSED} else ends
