"""Asks a server for one page as fast as it answers, and says how many requests a second that was."""

import http.client
import multiprocessing
import re
import shutil
import subprocess
import time
from urllib.parse import urlsplit

CONNECTIONS = 16
# As a browser asks.
HEADERS = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/html"}


class NotAllAnswered(Exception):
    """Some requests failed: a speed would say nothing."""


def requests_a_second(url: str, seconds: float) -> float:
    """With wrk where the machine has it, else with two slower processes of our own, the same for both sides."""
    return _by_wrk(url, seconds) if shutil.which("wrk") else _by_processes(url, seconds)


def _by_wrk(url: str, seconds: float) -> float:
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", *headers, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise NotAllAnswered(said)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def _by_processes(url: str, seconds: float) -> float:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        return sum(pool.starmap(_ask_again_and_again, [(url, seconds)] * 2))


def _ask_again_and_again(url: str, seconds: float) -> float:
    parts = urlsplit(url)
    address = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connections = [http.client.HTTPConnection(parts.netloc) for _ in range(CONNECTIONS // 2)]
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for each in connections:
            each.request("GET", address, headers=HEADERS)
        for each in connections:
            answer = each.getresponse()
            answer.read()
            if answer.status != 200:
                raise NotAllAnswered(f"{url} answered {answer.status}")
            done += 1
    return done / (time.perf_counter() - began)


def compare(ours: str, theirs: str, seconds: float, rounds: int = 3) -> tuple[float, float]:
    """The best of both, asked in turns so that a busy machine weighs on both alike."""
    fast, faster = [], []
    for _round in range(rounds):
        fast.append(requests_a_second(ours, seconds / rounds))
        faster.append(requests_a_second(theirs, seconds / rounds))
    return max(fast), max(faster)
