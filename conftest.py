"""Fixtures for every app's tests. The servers behind them come from tests/embedded_plugin.py."""
