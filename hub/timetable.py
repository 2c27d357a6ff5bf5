"""Everything that happens by the clock, in one place. Times are UK times.

What is due is data: each of these looks at what is true today and what has
been sent, so a run that was missed is made up by the next one.
"""

TIMETABLE = {
    # Every minute: proves that the scheduler, the queue and a worker are alive (read by /health/ready).
    "heartbeat": {"task": "hub.health.heartbeat", "schedule": 60.0, "options": {"expires": 55}},
}
