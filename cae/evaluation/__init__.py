"""Measurements: models beside baselines, the codec beside reference codecs, and the reports of both."""
