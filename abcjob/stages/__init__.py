"""The stages of a run, a file each. None knows a job by name, and none imports another."""
