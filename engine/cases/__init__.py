"""What is known of one case below the services: its page, facts, data, failures, remarks and references to records."""
