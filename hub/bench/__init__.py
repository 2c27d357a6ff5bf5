"""Measures the promises about speed, as ratios taken in one run: `script/bench`, or `script/bench NAME`."""
