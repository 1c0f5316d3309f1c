"""CSV files becoming cases or records: read with a stated dialect, checked by the form, taken in once.

It knows no page.
"""
