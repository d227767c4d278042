# SPDX-License-Identifier: GPL-2.0-only OR MIT
"""Bounds that are not reached yet, and what they are held to meanwhile.

"make bench" judges by gates.py alone and fails while anything stands here; "make test" fails when a
value gets worse than the one below. Values only go down, and a bound that is reached leaves.
"""

LIMITS = {
    "inband: worst alloc": 207,
    "inband: worst free": 269,
    "inband: worst aligned": 266,
    "oob: mean instructions / inband, lifo64": 1.306,
    "oob: mean instructions / inband, mix 1M": 1.405,
    "oob: mean instructions / inband, mix 64M": 1.397,
    "oob: mean instructions / inband, large 64M": 1.439,
    "oob: mean instructions / inband, aligned 16M": 1.523,
    "oob: mean instructions / inband, scale 1e2": 1.4,
    "oob: mean instructions / inband, scale 1e4": 1.417,
    "oob: mean instructions / inband, scale 1e5": 1.441,
    "oob: mean instructions / inband, robson 1M": 1.997,
    "oob: worst alloc": 415,
    "oob: worst free": 312,
    "oob: worst aligned": 574,
    "oob: bytes of bookkeeping, mix 1M": 91216,
    "oob: bytes of bookkeeping, mix 1M tags": 127392,
    "oob: bytes of bookkeeping, mix 64M": 4888000,
    "oob: bytes of bookkeeping, mix 64M tags": 6895000,
    "oob: bytes of bookkeeping, scale 1e6": 20617000,
    "oob: bytes of bookkeeping, scale 1e6 tags": 30189000,
}
