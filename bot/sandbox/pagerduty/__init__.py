"""The PagerDuty half: an account with people, services, schedules and incidents, and the webhooks that tell of them."""
