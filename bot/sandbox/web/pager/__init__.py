"""The PagerDuty page: what is open, who is called, what was delivered."""
