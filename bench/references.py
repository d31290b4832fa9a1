"""Writes test/kernel/references.txt: scalar functions at f32 operands, computed to 50 digits and rounded once to a double.

By hand, when a function is added; needs mpmath (pip install mpmath). One line a function: its name, its operands (f32) and
its values (f64), little-endian in base64; functions of two operands have both after one another.

    python3 bench/references.py
"""
import base64
import random
import struct
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
random.seed(7)


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def bits(b):
    return struct.unpack("<f", struct.pack("<I", b))[0]


def normals(lo=1, hi=254, count=1):
    """Every binade between two exponents, `count` mantissas and both signs."""
    return [bits((s << 31) | (e << 23) | random.getrandbits(23)) for e in range(lo, hi + 1) for s in (0, 1) for _ in range(count)]


def spread(lo, hi, count):
    return [f32(random.uniform(lo, hi)) for _ in range(count)]


EVERYWHERE = normals()
SUBNORMAL = [bits((s << 31) | m) for s in (0, 1) for m in (1, 2, 3, 0x3FFFFF, 0x400000, 0x7FFFFF, random.getrandbits(23))]
# Operands next to multiples of pi/2 lose the most in the reduction of the angle.
ANGLES = [f32(k * mp.pi / 2) for k in list(range(-12, 13)) + [100, 355, 1000, 4097, 30000, 65535] if k] + spread(-65536, 65536, 120) + spread(-10, 10, 80) + normals(64, 142)
ANGLES = [a for a in ANGLES if abs(a) <= 65536]
NEAR_ONE = [f32(1 + s * 2.0**-k * random.uniform(1, 2)) for k in range(1, 24) for s in (-1, 1)]

UNARY = {
    "sqrt": (mp.sqrt, [abs(x) for x in EVERYWHERE]),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), [abs(x) for x in EVERYWHERE]),
    "reciprocal": (lambda x: 1 / x, normals(2, 250)),
    "exp": (mp.exp, spread(-87, 88.7, 160) + normals(90, 132)),
    "expm1": (mp.expm1, spread(-20, 88.7, 160) + spread(-1, 1, 60) + normals(60, 132)),
    "log": (mp.log, [abs(x) for x in EVERYWHERE] + NEAR_ONE),
    "log1p": (mp.log1p, [x for x in normals(60, 254) if x > -1] + NEAR_ONE + [f32(-x) for x in NEAR_ONE if x < 1] + spread(-0.99, 4, 80)),
    "sin": (mp.sin, ANGLES),
    "cos": (mp.cos, ANGLES),
    "tan": (mp.tan, ANGLES),
    "asin": (mp.asin, [x for x in normals(60, 126) + spread(-1, 1, 120) + NEAR_ONE if abs(x) <= 1]),
    "acos": (mp.acos, [x for x in normals(60, 126) + spread(-1, 1, 120) + NEAR_ONE if abs(x) <= 1]),
    "atan": (mp.atan, EVERYWHERE),
    "sinh": (mp.sinh, spread(-88, 88, 120) + spread(-2, 2, 60) + normals(60, 132)),
    "cosh": (mp.cosh, spread(-88, 88, 120) + normals(90, 132)),
    "tanh": (mp.tanh, spread(-12, 12, 120) + normals(60, 140)),
    "asinh": (mp.asinh, EVERYWHERE),
    "acosh": (mp.acosh, [x for x in normals(127, 254) if x >= 1] + [x for x in NEAR_ONE if x >= 1]),
    "atanh": (mp.atanh, [x for x in normals(60, 126) + spread(-1, 1, 120) + NEAR_ONE if abs(x) < 1]),
    "erf": (mp.erf, spread(-5, 5, 160) + normals(60, 132)),
}


def power_pairs():
    """Bases with exponents that keep the result within f32's normal range, and negative bases with whole exponents."""
    out = []
    while len(out) < 400:
        x = abs(random.choice(EVERYWHERE))
        log = mp.log(x)
        y = f32(random.uniform(-86, 86) / float(log)) if log else 3.0
        out.append((x, y))
    for _ in range(100):
        out.append((f32(random.uniform(-9, 9)), float(random.randint(-20, 20))))
    return [(x, y) for x, y in out if x and 1.2e-38 < abs(mp.power(mp.mpf(x), mp.mpf(y))) < 3.4e38]


def ratio_pairs(limit):
    out = []
    for x in EVERYWHERE[200:-200]:
        out.append((x, f32(x * random.choice((-1, 1)) / random.uniform(0.01, limit))))
    return [(x, y) for x, y in out if y and 1.2e-38 < abs(y) < 8e37 and 1.2e-38 < abs(x) < 3e38]


BINARY = {
    "pow": (lambda x, y: mp.re(mp.power(x, y)), power_pairs()),
    "div": (lambda x, y: x / y, ratio_pairs(1e5)),
    "fmod": (lambda x, y: mp.sign(x) * mp.fmod(abs(x), abs(y)), ratio_pairs(1e5)),
}


def pack(code, values):
    return base64.b64encode(struct.pack(f"<{len(values)}{code}", *values)).decode()


def lines():
    for name, (f, operands) in UNARY.items():
        xs = [x for x in dict.fromkeys(operands) if x]
        yield f"{name} {pack('f', xs)} {pack('d', [float(f(mp.mpf(x))) for x in xs])}"
    for name, (f, pairs) in BINARY.items():
        xs, ys = [p[0] for p in pairs], [p[1] for p in pairs]
        yield f"{name} {pack('f', xs + ys)} {pack('d', [float(f(mp.mpf(x), mp.mpf(y))) for x, y in pairs])}"


target = Path(__file__).parent.parent / "test" / "kernel" / "references.txt"
target.write_text("# Written by bench/references.py: name, operands (f32), values to 50 digits (rounded to f64).\n" + "\n".join(lines()) + "\n")
print(target, target.stat().st_size)
