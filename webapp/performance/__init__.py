"""What the performance pages are made of besides templates: pure, but for `asked`, which reads the address."""
