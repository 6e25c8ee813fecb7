"""The site while its database sleeps: an app for any Wagtail project."""
