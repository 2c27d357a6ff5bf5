"""Measures what issue 2 promises about speed, as ratios taken in one run: `script/bench`, or `python -m hub.bench NAME`."""
