"""How often something may happen in a while: numbers in Redis that end with their time, and hold nothing else."""

from django.core.cache import cache

HOUR = 60 * 60


def count(key: str, lasts: int) -> int:
    """Count once more under a key, and say how often that was. It begins anew after so many seconds."""
    cache.add(key, 0, timeout=lasts)
    return cache.incr(key)
