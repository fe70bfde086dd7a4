"""What a person looks at after a run: report.html, and the local page to review it."""
