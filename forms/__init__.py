"""Forms: form-js definitions turned into validation and accessible HTML; knows no database and no web framework."""
