"""The job `sales`: what a small retailer sold, where and when."""
