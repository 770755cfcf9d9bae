"""The sandbox in a browser: the workspace, PagerDuty and the weather as pages that stay true by themselves."""
