"""What is served over HTTP: webhooks, Slack's requests, health, metrics, and a plain page."""
