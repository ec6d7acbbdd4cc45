"""Take dlib's frontal face detector out of its compiled library: LIBRARY TARGET

dlib has the detector in its code, as lines of base64 text, 76 characters each, that the compiler puts one
after the other. Decoded, they are a stream of dlib's `compress_stream` (kernel_1ea): a range coder of
32 bits over a PPM model of order 4 with escape method D (Moffat, IEEE Transactions on Communications
38(11), 1990) and inherited counts (Shkarin, "PPM: one step to practicality"). Unpacked, they are the
detector as dlib serializes it. The stream ends with a checksum, and the file is checked by its SHA-256.
"""

import base64
import re
import sys
import zlib
from pathlib import Path

# Contexts are this long at most, and there are so many nodes until the model begins anew.
ORDER, NODES = 4, 200_000
# 256 bytes, and the end of the data.
SYMBOLS, END = 257, 256
# A known mark stands before every so many symbols but the first.
MARK_EVERY, MARK, MARKS = 20_000, 1500, 8000
# Counts are halved above this.
MOST = 10_000


class RangeDecoder:
    def __init__(self, data):
        self.data, self.at = data, 4
        self.target = int.from_bytes(data[:4], "big")
        self.low, self.high, self.unit = 1, 0xFFFF_FFFF, 0

    def share(self, total):
        """Where in `total` the next symbol lies."""
        self.unit = (self.high - self.low + 1) // total
        return min((self.target - self.low) // self.unit, total - 1)

    def take(self, first, last):
        """Goes on behind a symbol that lies from `first` to just before `last`."""
        self.high = self.low + self.unit * last - 1
        self.low += self.unit * first
        while True:
            if (self.high ^ self.low) >> 24 == 0:
                byte = self.data[self.at] if self.at < len(self.data) else 0
                self.at += 1
                self.target = (self.target << 8 | byte) & 0xFFFF_FFFF
                self.high = (self.high << 8 | 0xFF) & 0xFFFF_FFFF
                self.low = (self.low << 8 & 0xFFFF_FFFF) or 1
            elif self.high - self.low >= 0x1_0000:
                return
            else:
                # Too narrow, and no byte in common yet: the encoder moved both to the middle.
                wide = self.high - self.low > 0x1000
                middle = (self.high >> 1) + (self.low >> 1)
                self.high = middle + (0xFF if wide else 0)
                self.low = middle - (0xFF if wide else 0)


class Node:
    """A symbol in its context; and a context itself: the symbols seen after it, the latest first."""

    __slots__ = ("symbol", "count", "total", "escapes", "after", "shorter")

    def __init__(self):
        self.symbol = self.count = self.total = self.escapes = 0
        self.after, self.shorter = [], None

    def halve(self):
        self.escapes = max(self.escapes >> 1, min(self.escapes, 1))
        for node in self.after:
            node.count = max(node.count >> 1, min(node.count, 1))
        self.total = self.escapes + sum(node.count for node in self.after)


class Model:
    def __init__(self, coder):
        self.coder = coder
        self.reset()

    def reset(self):
        self.root = self.context = Node()
        self.depth, self.nodes = 0, 1

    def symbol(self):
        while (symbol := self.try_symbol()) is None:
            self.reset()
        return symbol

    def try_symbol(self):
        """The next symbol; nothing where there is no room for another node."""
        context, depth = self.context, self.depth
        self.context, excluded, made, newest = None, set(), [], None
        while True:
            if self.nodes >= NODES:
                return None
            found = None
            if context.total > 0:
                if context.total > MOST:
                    context.halve()
                found = self.look(context, excluded)
            if found:
                if newest:
                    newest.shorter = found
                found.count += 8
                context.total += 8
                symbol, count, total = found.symbol, found.count, context.total
                context.after.remove(found)
                context.after.insert(0, found)
                if not self.context:
                    longer = depth < ORDER
                    self.context = found if longer else found.shorter
                    self.depth = depth + 1 if longer else depth
                break
            node = Node()
            self.nodes += 1
            if newest:
                newest.shorter = node
            newest = node
            context.after.append(node)
            made.append((node, context))
            if not self.context and depth < ORDER:
                self.context, self.depth = node, depth + 1
            if context is self.root:
                # Never seen at all: every symbol is as likely.
                symbol = self.coder.share(SYMBOLS)
                self.coder.take(symbol, symbol + 1)
                newest.shorter = self.root
                if not self.context:
                    self.context, self.depth = self.root, 0
                count, total = 8, 2056
                break
            context, depth = context.shorter, depth - 1
        for node, context in reversed(made):
            self.inherit(node, context, symbol, count, total)
        return symbol

    def look(self, context, excluded):
        """The node of the next symbol, where this context knows it. What it knows is excluded after that."""
        counts = sum(node.count for node in context.after if node.symbol not in excluded)
        target = self.coder.share(counts + context.escapes)
        high = 0
        for node in context.after:
            if node.symbol in excluded:
                continue
            high += node.count
            excluded.add(node.symbol)
            if high > target:
                self.coder.take(high - node.count, high)
                return node
        self.coder.take(high, counts + context.escapes)
        return None

    @staticmethod
    def inherit(node, context, symbol, count, total):
        """A new node's count, by that of the same symbol in the shorter context where it was found."""
        node.symbol = symbol
        if context.total:
            others = total - count + context.total - 2 * context.escapes
            node.count = min(context.total * count // (others | 1) + 2, 50_000)
            context.escapes += 4
            context.total += node.count + 4
        else:
            node.count = 3 + 5 * count // (total - count)
            context.escapes = 4
            context.total = node.count + 4
        while context.total > MOST:
            context.halve()


def unpack(data):
    coder = RangeDecoder(data)
    model = Model(coder)
    out, since = bytearray(), 0
    while True:
        if since == MARK_EVERY:
            if coder.share(MARKS) != MARK:
                sys.exit(f"the packed detector is damaged before byte {len(out)}")
            coder.take(MARK, MARK + 1)
            since = 0
        since += 1
        symbol = model.symbol()
        if symbol == END:
            break
        out.append(symbol)
    expected = int.from_bytes(bytes(model.symbol() for _ in range(4)), "big")
    if zlib.crc32(out) != expected:
        sys.exit("the packed detector has another checksum than it says")
    return bytes(out)


def main():
    library, target = sys.argv[1:]
    # Each line is a string of its own, ended by a zero and aligned to eight bytes.
    lines = re.compile(rb"(?:[A-Za-z0-9+/]{76}\0{4}){1000,}[A-Za-z0-9+/]{1,75}={0,2}\0")
    found = lines.search(Path(library).read_bytes())
    if not found:
        sys.exit(f"{library} holds no detector")
    Path(target).write_bytes(unpack(base64.b64decode(found[0].replace(b"\0", b""))))


if __name__ == "__main__":
    main()
