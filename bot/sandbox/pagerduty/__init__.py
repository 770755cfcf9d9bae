"""The PagerDuty half: an account with services, schedules and incidents."""
