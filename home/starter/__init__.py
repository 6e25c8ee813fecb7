"""What a new site shows until somebody writes something better."""
